#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a file could not be read or written, in words for the person who named it.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  public var path: String
  /// What is wrong, in lower case and without a full stop.
  public var reason: String
  /// What to do about it, in the imperative.
  public var nextStep: String

  public init(path: String, reason: String, nextStep: String) {
    self.path = path
    self.reason = reason
    self.nextStep = nextStep
  }

  /// Whether what was written to is a pipe that nobody reads any more: usually no reason to complain.
  public var isClosedPipe: Bool { reason == Self.closedPipe }
  private static let closedPipe = "the reader closed the pipe"

  /// `path: reason; next step`
  public var description: String { "\(path): \(reason); \(nextStep)" }
}

extension FileError {
  /// The error that the operating system gave the number `code`.
  init(path: String, code: CInt) {
    let (reason, nextStep) =
      switch code {
      // What Swift makes of bytes that it cannot read as a name.
      case ENOENT where path.contains("\u{FFFD}"): ("its name is not UTF-8, so that it cannot be opened", "rename it")
      case ENOENT: ("no such file or folder", "check the path")
      case ENOTDIR: ("a part of the path is not a folder", "check the path")
      case EACCES, EPERM: ("permission denied", "check the permissions of the file and of its folder")
      case EISDIR: ("is a folder", "name a file in it")
      case EROFS: ("lies on a read-only file system", "choose another place")
      case ENOSPC, EDQUOT: ("no space left", "free some space or choose another place")
      case ENAMETOOLONG: ("the name is too long", "choose a shorter one")
      case ELOOP: ("symbolic links in the path form a loop", "check the path")
      case EMFILE, ENFILE: ("too many files are open", "raise the limit with ulimit -n")
      case ENOMEM: ("not enough memory", "close other programs or use a smaller file")
      case EPIPE: (Self.closedPipe, "keep it open to the end")
      case EIO: ("the device reports an input or output error", "check the disk")
      default: (String(cString: strerror(code)).lowercased(), "check the file and its folder")
      }
    self.init(path: path, reason: reason, nextStep: nextStep)
  }
}
