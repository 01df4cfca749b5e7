/// An array of whole numbers that is known when the network is converted: exporters compute the size of a Resize from
/// the shape of its input.
struct IntegerArray: Equatable {
  var values: [Int]
  /// A scalar has no dimension; nothing here has more than one.
  var isScalar = false
}

extension ONNXNode {
  /// The value of a node all of whose inputs are known arrays, or nil if it is none of the operators that exporters
  /// compute sizes with.
  func folded(_ inputs: [IntegerArray]) -> IntegerArray? {
    guard let first = inputs.first else { return nil }
    switch operation {
    case "Identity", "Cast", "Floor", "Ceil": return first
    case "Concat": return IntegerArray(values: inputs.flatMap(\.values))
    case "Unsqueeze": return first.isScalar ? IntegerArray(values: first.values) : nil
    case "Squeeze": return first.values.count == 1 ? IntegerArray(values: first.values, isScalar: true) : nil
    case "Gather":
      guard inputs.count == 2 else { return nil }
      var gathered: [Int] = []
      for index in inputs[1].values {
        let position = index < 0 ? index + first.values.count : index
        guard first.values.indices.contains(position) else { return nil }
        gathered.append(first.values[position])
      }
      return IntegerArray(values: gathered, isScalar: inputs[1].isScalar)
    case "Slice":
      let operands = sliceOperands(inputs.dropFirst().map(\.values))
      guard operands.starts.count == 1, operands.ends.count == 1, operands.steps == [1] else { return nil }
      return IntegerArray(
        values: Array(first.values[clampedRange(operands.starts[0], operands.ends[0], count: first.values.count)]))
    case "Mul":
      guard inputs.count == 2, inputs[1].values.count == 1 || inputs[1].values.count == first.values.count else {
        return nil
      }
      let factors = inputs[1].values.count == 1 ? first.values.map { _ in inputs[1].values[0] } : inputs[1].values
      var products: [Int] = []
      for (value, factor) in zip(first.values, factors) {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        if overflow { return nil }
        products.append(product)
      }
      return IntegerArray(values: products, isScalar: first.isScalar)
    default: return nil
    }
  }

  /// What a Slice cuts: attributes up to operator set 9, then inputs (starts, ends, axes, steps).
  func sliceOperands(_ inputs: [[Int]]) -> (starts: [Int], ends: [Int], axes: [Int], steps: [Int]) {
    func operand(_ index: Int, _ attribute: String) -> [Int] {
      inputs.indices.contains(index) ? inputs[index] : attributes[attribute]?.integers ?? []
    }
    let starts = operand(0, "starts")
    let axes = operand(2, "axes")
    let steps = operand(3, "steps")
    return (
      starts, operand(1, "ends"), axes.isEmpty ? Array(starts.indices) : axes,
      steps.isEmpty ? starts.map { _ in 1 } : steps
    )
  }
}

/// The range that a start and an end mean in an array of `count` elements: negative ones count from the end, and what
/// lies outside is cut off.
func clampedRange(_ start: Int, _ end: Int, count: Int) -> Range<Int> {
  func position(_ index: Int) -> Int { min(max(index < 0 ? max(index, -count) + count : index, 0), count) }
  return position(start)..<max(position(start), position(end))
}
