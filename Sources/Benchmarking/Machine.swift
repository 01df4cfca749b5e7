#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The machine and the build that a figure belongs to.
public enum Machine {
  /// The processor's name as the system tells it, or "unknown processor".
  public static var processor: String {
    #if os(Linux)
      guard let text = line(beginning: "model name", in: "/proc/cpuinfo"), let colon = text.firstIndex(of: ":") else {
        return "unknown processor"
      }
      return String(text[text.index(after: colon)...].drop { $0 == " " })
    #else
      var size = 0
      guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0, size > 0 else {
        return "unknown processor"
      }
      var name = [CChar](repeating: 0, count: size)
      guard sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0) == 0 else { return "unknown processor" }
      return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #endif
  }

  /// The most memory that the process has had resident, in megabytes (10^6 bytes).
  public static var peakResidentMegabytes: Double {
    #if os(Linux)
      // Not `getrusage`, which counts what the process that started this one had before it became this one.
      return firstNumber(after: "VmHWM:", in: "/proc/self/status") * 1024 / 1e6
    #else
      var usage = rusage()
      guard getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
      return Double(usage.ru_maxrss) / 1e6
    #endif
  }

  /// Processor time that the process has taken since it was started, loading and all threads included, in milliseconds.
  public static var processorMilliseconds: Double {
    var time = timespec()
    guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
  }

  #if os(Linux)
    /// The first line of a file that begins so, without its end.
    private static func line(beginning prefix: String, in path: String) -> String? {
      guard let file = fopen(path, "r") else { return nil }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 512)
      while fgets(&line, Int32(line.count), file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.hasPrefix(prefix) { return text }
      }
      return nil
    }

    private static func firstNumber(after prefix: String, in path: String) -> Double {
      guard let text = line(beginning: prefix, in: path) else { return 0 }
      return Double(text.dropFirst(prefix.count).drop { $0 == " " || $0 == "\t" }.prefix { $0.isNumber }) ?? 0
    }
  #endif

  /// Whether this is a build for debugging, whose times mean nothing.
  public static var isDebugBuild: Bool {
    #if DEBUG
      true
    #else
      false
    #endif
  }
}
