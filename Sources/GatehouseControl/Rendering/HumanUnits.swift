/// Numbers for people, in the units of a configuration.
public enum HumanUnits {
    /// `312ms`, `4.2s`, `3m20s`, `5h12m`, `3d4h`
    static func duration(_ milliseconds: Int) -> String {
        let milliseconds = max(0, milliseconds)
        let seconds = milliseconds / 1_000
        return switch seconds {
        case 0: "\(milliseconds)ms"
        case ..<60: "\(seconds).\(milliseconds % 1_000 / 100)s"
        case ..<3_600: "\(seconds / 60)m\(seconds % 60)s"
        case ..<86_400: "\(seconds / 3_600)h\(seconds % 3_600 / 60)m"
        default: "\(seconds / 86_400)d\(seconds % 86_400 / 3_600)h"
        }
    }

    /// The same from seconds: `3s`, `3m20s`
    static func age(_ seconds: Int) -> String {
        seconds < 60 ? "\(seconds)s" : duration(seconds * 1_000)
    }

    /// `512B`, `48.2MiB`, `130GiB`
    static func size(_ bytes: Int) -> String {
        let bytes = max(0, bytes)
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB"]
        if bytes < 1_024 { return "\(bytes)B" }
        var unit = 1_024
        var index = 0
        while index + 1 < units.count, bytes / unit >= 1_024 {
            unit *= 1_024
            index += 1
        }
        let whole = bytes / unit
        return whole >= 100 ? "\(whole)\(units[index])" : "\(whole).\(bytes % unit * 10 / unit)\(units[index])"
    }

    /// `1 worker`, `2 workers`
    public static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
        "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
    }
}
