import CZlib

/// The two wrappings of a deflate stream that data sets come in.
enum DeflateFraming {
  /// With zlib's header and checksum: MATLAB.
  case zlib
  /// Bare: zip.
  case raw
}

/// Decompresses a deflate stream with zlib.
///
/// - Parameters:
///   - limit: the most bytes to make; the rest of a longer stream is left.
///   - path: for messages.
/// - Throws: `EvaluationError` if the stream is damaged, or ends before it is complete and before `limit`.
func inflated(_ input: ArraySlice<UInt8>, framing: DeflateFraming, limit: Int, path: String) throws -> [UInt8] {
  let damaged = EvaluationError(
    path: path, reason: "the compressed data are damaged", nextStep: "get the file again")
  guard input.count <= Int(UInt32.max) else { throw damaged }
  var stream = z_stream()
  let bits = framing == .zlib ? MAX_WBITS : -MAX_WBITS
  guard inflateInit2_(&stream, bits, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else { throw damaged }
  defer { inflateEnd(&stream) }

  var output: [UInt8] = []
  var status = Z_OK
  try input.withUnsafeBufferPointer { input in
    stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    stream.avail_in = UInt32(input.count)
    let chunk = min(limit, 1 << 18)
    while status == Z_OK, output.count < limit {
      let part = [UInt8](unsafeUninitializedCapacity: min(chunk, limit - output.count)) { buffer, count in
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(buffer.count)
        status = inflate(&stream, Z_NO_FLUSH)
        count = buffer.count - Int(stream.avail_out)
      }
      output += part
    }
    guard status == Z_STREAM_END || (status == Z_OK && output.count == limit) else { throw damaged }
  }
  return output
}
