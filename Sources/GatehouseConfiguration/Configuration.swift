internal import GatehousePlan
internal import Glibc
internal import Yams

/// A configuration file's contents, every value checked.
public struct Configuration: Equatable, Sendable {
    public var settings = SupervisorSettings()
    /// In the file's order, at least one; no two have the same name or share an address.
    public var pools: [PoolConfiguration]

    public init(settings: SupervisorSettings = SupervisorSettings(), pools: [PoolConfiguration]) {
        self.settings = settings
        self.pools = pools
    }

    /// The largest file that is read: a configuration is some kilobytes.
    static let largestFile = 1 << 20

    /// Reads the file at `file`; its name appears in messages as it was given.
    public static func load(file: String) throws(ConfigurationError) -> Configuration {
        let text = try text(ofFile: file)
        return try parse(text, file: file) { name in getenv(name).map { String(cString: $0) } }
    }

    static func text(ofFile file: String) throws(ConfigurationError) -> String {
        let bytes: [UInt8]
        do {
            bytes = try FileContents.read(file, atMost: largestFile)
        } catch {
            throw ConfigurationError(
                problems: [Problem(file: file, line: 0, column: 0, message: error.message)], isUnreadableFile: true)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(problems: [
                Problem(file: file, line: 0, column: 0, message: "the file is not UTF-8")
            ])
        }
        return text
    }

    /// Reads a configuration from its text.
    /// - Parameters:
    ///   - file: its name for messages; module paths are relative to its folder.
    ///   - environment: the value of an environment variable, `nil` where it is not set.
    public static func parse(
        _ text: String, file: String, environment: (String) -> String?
    ) throws(ConfigurationError) -> Configuration {
        try withoutActuallyEscaping(environment) { environment throws(ConfigurationError) in
            let report = ProblemReport(file: file, environment: environment)
            let root: Node?
            do {
                root = try Yams.compose(yaml: text)
            } catch {
                report.addSyntaxError(error)
                root = nil
            }
            var modules: [ConfiguredModule] = []
            if let root {
                let configuration = ConfigurationReader(report: report).read(root)
                if report.problems.isEmpty { return configuration }
                modules = configuration.pools.flatMap(\.modules).filter { !$0.plan.path.isEmpty }
            } else if report.problems.isEmpty {
                report.add("the configuration is empty: it needs a key \"pools\"", line: 1, column: 1)
            }
            throw ConfigurationError(problems: report.sorted, modules: modules)
        }
    }
}

/// What a configuration says beside its pools.
public struct SupervisorSettings: Equatable, Sendable {
    /// Where a configuration that says nothing about it has the control socket.
    public static let standardControlSocket = "/run/gatehouse/control.sock"

    /// `control: /run/gatehouse/control.sock`: where `gatehouse status` and its kin find the supervisor. `nil`:
    /// nowhere, which a configuration writes as `control: off`.
    public var controlSocket: String?
    /// `state: /var/lib/gatehouse`: the folder for crash reports. `nil`: none are written.
    public var stateFolder: String?
    /// `log: /var/log/gatehouse/gatehouse.log`
    public var log = LogPlace.standardError

    public init() {}
}

/// Reads a file whole, within a limit.
enum FileContents {
    struct Failure: Error { var message: String }

    static func read(_ path: String, atMost limit: Int) throws(Failure) -> [UInt8] {
        // Not blocking, or opening a named pipe would wait for somebody who writes to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(message: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(message: "this is no regular file")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(message: String(cString: strerror(errno))) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw Failure(message: "the file is larger than \(limit) bytes") }
        }
    }
}
