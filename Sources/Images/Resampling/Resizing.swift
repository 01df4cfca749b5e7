extension RGBImage {
  /// The picture in another size.
  ///
  /// - Precondition: neither this picture nor the new size is empty.
  /// - Complexity: O(input + output pixels).
  public func resized(width: Int, height: Int, filter: ResamplingFilter = .area) -> RGBImage {
    let plan = ResamplingPlan(
      inputWidth: self.width, inputHeight: self.height, outputWidth: width, outputHeight: height, filter: filter,
      normalization: .none)
    var scratch = [Float](repeating: 0, count: plan.scratchCount)
    var row = [Float](repeating: 0, count: 3 * width)
    let bytes = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { buffer, count in
      for y in 0..<height {
        plan.resample(
          pixels, to: &row, pixelStride: 3, rowStride: 0, rows: y..<y + 1, scratch: &scratch)
        for value in row {
          buffer[count] = UInt8(min(max(value + 0.5, 0), 255))
          count += 1
        }
      }
    }
    return RGBImage(width: width, height: height, pixels: bytes)
  }
}
