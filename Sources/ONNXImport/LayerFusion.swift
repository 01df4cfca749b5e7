import KernelInterface
import ModelFormat

extension Graph {
  /// The same network in fewer passes over memory: activations and sums are made by the convolution that comes before
  /// them, where nothing else reads what it made; layers that nothing reads are left out first.
  func fused() -> Graph {
    var graph = self
    graph.removeUnused()
    while graph.fuseActivation() || graph.fuseSum() {}
    return graph
  }

  /// How many layers read each value, the caller included.
  func uses() -> [Int] {
    var uses = [Int](repeating: 0, count: valueCount)
    for layer in layers { for input in layer.inputs { uses[input] += 1 } }
    uses[output] += 1
    return uses
  }

  /// conv > relu becomes conv with relu, likewise for the other layers that end in an activation; values may be moved
  /// about in between.
  private mutating func fuseActivation() -> Bool {
    let uses = uses()
    for (index, layer) in layers.enumerated() {
      guard case .activate(let activation) = layer.operation else { continue }
      let source = layer.inputs[0]
      var maker = source
      while maker > 0, uses[maker] == 1, case .depthToSpace = layers[maker - 1].operation {
        maker = layers[maker - 1].inputs[0]
      }
      guard maker > 0, uses[maker] == 1, let fused = layers[maker - 1].operation.followed(by: activation) else {
        continue
      }
      layers[maker - 1].operation = fused
      remove(index, replacing: source)
      return true
    }
    return false
  }

  /// conv > add(x) becomes conv with the addend x, in the place of the add: x may be made after the convolution.
  private mutating func fuseSum() -> Bool {
    let uses = uses()
    for (index, layer) in layers.enumerated() {
      guard case .add(let activation) = layer.operation else { continue }
      for source in layer.inputs.sorted(by: >) where source > 0 && uses[source] == 1 {
        let producer = layers[source - 1]
        guard case .convolution(let shape, let parameters, .none) = producer.operation, producer.inputs.count == 1,
          let addend = layer.inputs.first(where: { $0 != source })
        else { continue }
        layers[index] = Layer(
          name: producer.name, operation: .convolution(shape, parameters, activation),
          inputs: [producer.inputs[0], addend])
        // Nothing reads the convolution in its old place any more.
        remove(source - 1, replacing: 0)
        return true
      }
    }
    return false
  }

  /// Takes out layer `index`; whoever read it reads `value` instead, which comes before it.
  private mutating func remove(_ index: Int, replacing value: Int) {
    func renumbered(_ input: Int) -> Int { input == index + 1 ? value : input > index + 1 ? input - 1 : input }
    layers.remove(at: index)
    for position in layers.indices { layers[position].inputs = layers[position].inputs.map(renumbered) }
    output = renumbered(output)
  }

  /// Takes out the layers that nothing reads.
  mutating func removeUnused() {
    for index in layers.indices.reversed() where uses()[index + 1] == 0 { remove(index, replacing: 0) }
  }
}

extension Operation {
  /// The operation with its result put through the activation, if it can do that by itself.
  fileprivate func followed(by activation: Activation) -> Operation? {
    switch self {
    case .convolution(let shape, let parameters, .none): .convolution(shape, parameters, activation)
    case .depthwiseConvolution(let stride, let channels, let parameters, .none):
      .depthwiseConvolution(stride: stride, channels: channels, parameters, activation)
    case .add(.none): .add(activation)
    default: nil
    }
  }
}
