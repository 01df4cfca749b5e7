/// What the channels of a network's output mean. Channels that are not named here are ignored.
public struct OutputEncoding: Equatable, Sendable {
  /// How the tangent's angle t is written, x to the right and y down.
  public enum Tangent: UInt8, Sendable, CaseIterable {
    /// One channel a in [0, 1] with t = a * pi, as the LSDNet authors do.
    case angle = 0
    /// Two channels, cos 2t and sin 2t.
    case doubledAngle = 1
  }

  /// The channel of the line heat.
  public var heatChannel: Int
  /// The heat channel is before its sigmoid.
  public var heatIsLogit: Bool
  public var tangent: Tangent
  /// The tangent's first channel.
  public var tangentChannel: Int
  /// The angle channel is before its sigmoid; false for the doubled angle.
  public var angleIsLogit: Bool

  public init(
    heatChannel: Int = 0, heatIsLogit: Bool = false, tangent: Tangent, tangentChannel: Int = 1,
    angleIsLogit: Bool = false
  ) {
    self.heatChannel = heatChannel
    self.heatIsLogit = heatIsLogit
    self.tangent = tangent
    self.tangentChannel = tangentChannel
    self.angleIsLogit = angleIsLogit
  }

  /// What is wrong with the encoding for an output of so many channels, if anything.
  public func problem(outputChannels: Int) -> String? {
    let tangentChannels = tangent == .angle ? 1 : 2
    let channels = 0..<outputChannels
    guard channels.contains(heatChannel), channels.contains(tangentChannel),
      tangentChannel <= outputChannels - tangentChannels
    else { return "an output of \(outputChannels) channels, too few for its encoding" }
    if (tangentChannel..<tangentChannel + tangentChannels).contains(heatChannel) {
      return "an output channel that is both heat and tangent"
    }
    if angleIsLogit && tangent == .doubledAngle { return "a doubled angle with a sigmoid" }
    return nil
  }
}
