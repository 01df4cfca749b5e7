import KernelInterface
import ModelFormat

extension Model {
  /// The model with the weights of all convolutions that can run in 8 bits as those compute with them, a byte a weight and a
  /// scale an output channel (`QuantizedFilter`): a quarter of the file, nothing left to round when it is read, and the same
  /// bits in 8 bits. In single precision it computes with the rounded weights. O(parameters).
  ///
  /// - Throws: `ModelProblem.duplicateName` if a tensor has the name of one that is added, "… scales".
  public func withRoundedWeights() throws(ModelProblem) -> Model {
    var model = (graph: graph, tensors: tensors)
    // Layers may share their weights.
    var scales: [Int: Int] = [:]
    let formats = ByteFormats(graph)?.formats
    for (index, layer) in graph.layers.enumerated() {
      guard case .convolution(let shape, var operands, let activation) = layer.operation, operands.scales == nil,
        shape.fitsQuantizedSums
      else { continue }
      let weights = tensors[operands.weights]
      if scales[operands.weights] == nil {
        let fitsTransform = formats?[layer.inputs[0]].quantization.isTransformed(by: shape) ?? false
        let filter = weights.withFloats {
          QuantizedFilter(shape: shape, weights: $0.baseAddress!, fitsTransform: fitsTransform)
        }
        model.tensors[operands.weights] = Tensor(name: weights.name, shape: weights.shape, values: filter.weights)
        scales[operands.weights] = model.tensors.count
        let name = "\(weights.name) scales"
        model.tensors.append(Tensor(name: name, shape: [shape.outputChannels], values: filter.scales))
      }
      operands.scales = scales[operands.weights]
      model.graph.layers[index].operation = .convolution(shape, operands, activation)
    }
    return try Model(metadata: metadata, input: input, output: output, graph: model.graph, tensors: model.tensors)
  }
}
