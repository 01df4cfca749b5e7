/// Luma of a pixel, in 256ths of a grey level.
@inline(__always)
func brightness(_ pixel: UnsafePointer<UInt8>) -> Int32 {
  77 &* Int32(pixel[0]) &+ 150 &* Int32(pixel[1]) &+ 29 &* Int32(pixel[2])
}
