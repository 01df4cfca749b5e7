import KernelInterface

@Sendable
func addQuantized(
  _ a: QuantizedMap, _ b: QuantizedMap, _ output: QuantizedMap, _ activation: Activation, _ rows: Range<Int>
) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        let first = (Float(a.pixel(y, x)[c]) - Float(a.zeroPoint)) * (a.scale / output.scale)
        let second = (Float(b.pixel(y, x)[c]) - Float(b.zeroPoint)) * (b.scale / output.scale)
        output.pixel(y, x)[c] = byte(first + second, output, activation)
      }
    }
  }
}

@Sendable
func addUpsampledQuantized(
  _ a: QuantizedMap, _ b: QuantizedMap, _ output: QuantizedMap, _ activation: Activation, _ rows: Range<Int>
) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        let first = (Float(a.pixel(y, x)[c]) - Float(a.zeroPoint)) * (a.scale / output.scale)
        let second = (Float(b.pixel(y / 2, x / 2)[c]) - Float(b.zeroPoint)) * (b.scale / output.scale)
        output.pixel(y, x)[c] = byte(first + second, output, activation)
      }
    }
  }
}

@Sendable
func mapQuantized(_ input: QuantizedMap, _ output: QuantizedMap, _ activation: Activation, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        let value = (Float(input.pixel(y, x)[c]) - Float(input.zeroPoint)) * (input.scale / output.scale)
        output.pixel(y, x)[c] = byte(value, output, activation)
      }
    }
  }
}

@Sendable
func quantize(_ input: FeatureMap, _ output: QuantizedMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        output.pixel(y, x)[c] = byte(input.pixel(y, x)[c] * (1 / output.scale), output, .none)
      }
    }
  }
}

@Sendable
func dequantize(_ input: QuantizedMap, _ output: FeatureMap, _ rows: Range<Int>) {
  for y in rows {
    for x in 0..<output.width {
      for c in 0..<output.channels {
        output.pixel(y, x)[c] = (Float(input.pixel(y, x)[c]) - Float(input.zeroPoint)) * input.scale
      }
    }
  }
}
