#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension File {
  /// Whether two paths lead to one file, by whatever links.
  public static func areSame(_ a: String, _ b: String) -> Bool {
    var (statusA, statusB) = (stat(), stat())
    guard !a.utf8.contains(0), !b.utf8.contains(0), stat(a, &statusA) == 0, stat(b, &statusB) == 0 else { return false }
    return statusA.st_dev == statusB.st_dev && statusA.st_ino == statusB.st_ino
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
