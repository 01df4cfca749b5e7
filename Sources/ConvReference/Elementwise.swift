import KernelInterface

@Sendable
func add(_ a: FeatureMap, _ b: FeatureMap, _ output: FeatureMap, _ activation: Activation, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        output.pixel(y, x)[c] = activation(Double(a.pixel(y, x)[c]) + Double(b.pixel(y, x)[c]))
      }
    }
  }
}

@Sendable
func addUpsampled(
  _ a: FeatureMap, _ b: FeatureMap, _ output: FeatureMap, _ activation: Activation, _ rows: Range<Int>
) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        output.pixel(y, x)[c] = activation(Double(a.pixel(y, x)[c]) + Double(b.pixel(y / 2, x / 2)[c]))
      }
    }
  }
}

@Sendable
func map(_ input: FeatureMap, _ output: FeatureMap, _ activation: Activation, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        output.pixel(y, x)[c] = activation(Double(input.pixel(y, x)[c]))
      }
    }
  }
}
