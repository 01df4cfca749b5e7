extension RGBImage {
  /// The picture as a binary PPM file (P6).
  public func ppmBytes() -> [UInt8] {
    Array("P6\n\(width) \(height)\n255\n".utf8) + pixels
  }
}

extension GreyImage {
  /// The picture as a binary PGM file (P5).
  public func pgmBytes() -> [UInt8] {
    Array("P5\n\(width) \(height)\n255\n".utf8) + pixels
  }
}
