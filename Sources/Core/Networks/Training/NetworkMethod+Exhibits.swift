extension NetworkMethod {
  /// What can be shown of the parameters: a histogram of the weights and one of the biases of each layer and, where rows
  /// are images, the weights of the first layer as an image for each unit. Rank 0's, between steps.
  ///
  /// - Complexity: O(parameters).
  var exhibits: [Event.Member] {
    let network = trainer.network
    var members: [Event.Member] = []
    for layer in 0..<network.layerCount {
      let matrix = UnsafeBufferPointer(rebasing: trainer.parameters[network.range(of: layer)])
      let biases = matrix.count - network.sizes[layer + 1]
      for (name, values) in [("weights", matrix[..<biases]), ("biases", matrix[biases...])] {
        if let histogram = Histogram(of: UnsafeBufferPointer(rebasing: values)) {
          members.append(("layer\(layer + 1)/\(name)", .histogram(histogram)))
        }
      }
    }
    let (W, units) = (trainer.parameters, network.sizes[1])
    if let sheet = ImageSheet(
      rowShape: data.catalog.train.rowShape, features: network.features, number: units)
    {
      members.append(
        ("layer1/images", .image(sheet.image(.signed) { unit, place in W[place * units + unit] })))
    }
    return members
  }
}
