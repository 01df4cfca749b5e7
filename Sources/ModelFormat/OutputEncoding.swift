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
  /// The channel that says how likely a line ends in a cell; nil if there is none.
  public var endChannel: Int?
  /// The end channel is before its sigmoid; false if there is none.
  public var endIsLogit: Bool
  /// The first of four channels that say how soon the line through a cell ends to its right, its left, down and up:
  /// exp(-d / 5), d the cells to its end; nil if there are none. Only beside an end channel.
  public var stopChannel: Int?
  /// The stop channels are before their sigmoid; false if there are none.
  public var stopIsLogit: Bool

  /// How many stop channels there are, if any.
  public static let stopCount = 4

  public init(
    heatChannel: Int = 0, heatIsLogit: Bool = false, tangent: Tangent, tangentChannel: Int = 1,
    angleIsLogit: Bool = false, endChannel: Int? = nil, endIsLogit: Bool = false, stopChannel: Int? = nil,
    stopIsLogit: Bool = false
  ) {
    self.heatChannel = heatChannel
    self.heatIsLogit = heatIsLogit
    self.tangent = tangent
    self.tangentChannel = tangentChannel
    self.angleIsLogit = angleIsLogit
    self.endChannel = endChannel
    self.endIsLogit = endIsLogit
    self.stopChannel = stopChannel
    self.stopIsLogit = stopIsLogit
  }

  /// Whether a channel's sigmoid is left to whoever reads the output.
  public func isLogit(_ channel: Int) -> Bool {
    switch channel {
    case heatChannel: heatIsLogit
    case tangentChannel: angleIsLogit
    case endChannel: endIsLogit
    default: stops?.contains(channel) == true && stopIsLogit
    }
  }

  /// The stop channels, if there are any.
  public var stops: Range<Int>? { stopChannel.map { $0..<$0 + Self.stopCount } }

  /// What is wrong with the encoding for an output of so many channels, if anything.
  public func problem(outputChannels: Int) -> String? {
    let tangentChannels = tangent == .angle ? 1 : 2
    let channels = 0..<outputChannels
    guard channels.contains(heatChannel), channels.contains(tangentChannel),
      tangentChannel <= outputChannels - tangentChannels
    else { return "an output of \(outputChannels) channels, too few for its encoding" }
    let tangentRange = tangentChannel..<tangentChannel + tangentChannels
    if tangentRange.contains(heatChannel) { return "an output channel that is both heat and tangent" }
    if let endChannel {
      if !channels.contains(endChannel) { return "an output of \(outputChannels) channels, too few for its encoding" }
      if endChannel == heatChannel || tangentRange.contains(endChannel) {
        return "an output channel that is both end and something else"
      }
    } else if endIsLogit {
      return "a sigmoid of an end channel that it lacks"
    }
    if let stopChannel {
      guard stopChannel >= 0, stopChannel <= outputChannels - Self.stopCount else {
        return "an output of \(outputChannels) channels, too few for its encoding"
      }
      let stops = stopChannel..<stopChannel + Self.stopCount
      guard let endChannel else { return "stop channels without an end channel" }
      if stops.contains(endChannel) || stops.contains(heatChannel) || stops.overlaps(tangentRange) {
        return "an output channel that is both stop and something else"
      }
    } else if stopIsLogit {
      return "a sigmoid of stop channels that it lacks"
    }
    if angleIsLogit && tangent == .doubledAngle { return "a doubled angle with a sigmoid" }
    return nil
  }
}
