#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What makes a file the same file, by whatever path or link it is reached.
public struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let number: UInt64

  fileprivate init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(truncatingIfNeeded: status.st_ino)
  }
}

extension File {
  /// The identity of what the path leads to; nil if there is nothing.
  public static func identity(_ path: String) -> FileIdentity? {
    var status = stat()
    return !path.utf8.contains(0) && stat(path, &status) == 0 ? FileIdentity(status) : nil
  }

  /// The identity of the file that the standard input is; nil if it is none, but a terminal or a pipe.
  public static var standardInputIdentity: FileIdentity? {
    var status = stat()
    return fstat(STDIN_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? FileIdentity(status) : nil
  }

  /// The identities of the folders that a path lies in, links resolved, the nearest first.
  public static func identitiesOfFolders(above path: String) -> [FileIdentity] {
    guard var folder = resolved(Path.parent(path)) else { return [] }
    var identities: [FileIdentity] = []
    while let identity = identity(folder), identities.last != identity {
      identities.append(identity)
      folder = Path.parent(folder)
    }
    return identities
  }

  /// The relative path to a file as seen from a folder, links resolved; nil if either is missing.
  public static func relativePath(to path: String, from folder: String) -> String? {
    guard let target = resolved(path), let base = resolved(folder) else { return nil }
    let targetParts = target.split(separator: "/")
    let baseParts = base.split(separator: "/")
    let shared = zip(targetParts, baseParts).prefix { $0 == $1 }.count
    return (baseParts.dropFirst(shared).map { _ in ".." } + targetParts.dropFirst(shared)).joined(separator: "/")
  }

  private static func resolved(_ path: String) -> String? {
    guard !path.utf8.contains(0), let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
