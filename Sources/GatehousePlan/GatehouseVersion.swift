internal import Glibc

/// The version of this Gatehouse, and the commit that it was built from.
public enum GatehouseVersion {
    /// CHANGELOG.md's newest heading has the same number; it is written nowhere else.
    public static let number = "0.1.0"

    /// `gatehouse 0.1.0 (commit 0123456789ab)`, as `--version` prints it. The commit is left out if the build was not
    /// made in a git checkout.
    public static func line(program: String) -> String {
        guard let commit = commit() else { return "\(program) \(number)" }
        return "\(program) \(number) (commit \(commit))"
    }

    /// The commit that `scripts/build` has noted in a file. It is not compiled in: a commit that changes no source
    /// would otherwise change the build.
    private static func commit() -> String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        let folder = String(cString: path).split(separator: "/").dropLast().map { "/" + $0 }.joined()
        for place in [folder, folder + "/../lib/gatehouse"] {
            guard let file = fopen(place + "/gatehouse.commit", "re") else { continue }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 64)
            guard fgets(&line, Int32(line.count), file) != nil else { continue }
            let bytes = line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
            return String(decoding: bytes, as: UTF8.self)
        }
        return nil
    }
}
