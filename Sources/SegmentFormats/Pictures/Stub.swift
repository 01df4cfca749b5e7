import Images
public func drawMask(_ s: ImageSegments) -> RGBImage { RGBImage(width: s.width, height: s.height)}
public func drawOverlay(_ s: ImageSegments, on: RGBImage) -> RGBImage { on }
