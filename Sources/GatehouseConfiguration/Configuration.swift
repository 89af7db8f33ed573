internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc
internal import Yams

/// A configuration file's contents, every value checked.
public struct Configuration: Equatable, Sendable {
    /// The settings that concern the supervisor.
    public var settings = SupervisorSettings()
    /// In the file's order, at least one; no two have the same name or share an address.
    public var pools: [PoolConfiguration]

    public init(settings: SupervisorSettings = SupervisorSettings(), pools: [PoolConfiguration]) {
        self.settings = settings
        self.pools = pools
    }

    /// The largest file that is read: a configuration is some kilobytes.
    private static let largestFile = 1 << 20

    /// Reads the file at `file`; its name appears in messages as it was given.
    public static func load(file: String) throws(ConfigurationError) -> Configuration {
        try parse(try text(ofFile: file), file: file, environment: ProcessEnvironment.value(of:))
    }

    static func text(ofFile file: String) throws(ConfigurationError) -> String {
        func unreadable(_ message: String) -> ConfigurationError {
            ConfigurationError(
                problems: [Problem(file: file, line: 0, column: 0, message: message)], isUnreadableFile: true)
        }
        // Non-blocking, because opening a named pipe would otherwise wait for a writer.
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(SystemError.text()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw unreadable("this is not a regular file")
        }
        let bytes: [UInt8]
        do {
            bytes = try Descriptor.readAll(descriptor, atMost: largestFile)
        } catch {
            throw unreadable(error.code == EFBIG ? "the file is larger than \(largestFile) bytes" : error.reason)
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
    ///   - environment: the value of an environment variable, `nil` if it is not set.
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

/// The settings of a configuration beside its pools.
public struct SupervisorSettings: Equatable, Sendable {
    /// The control socket of a configuration without the key `control`.
    public static let standardControlSocket = "/run/gatehouse/control.sock"

    /// `control: /run/gatehouse/control.sock`: the socket by which `gatehouse status` and other commands find the
    /// supervisor. `nil`, which a configuration writes as `control: off`: there is none.
    public var controlSocket: String?
    /// `state: /var/lib/gatehouse`: the folder for crash reports and for modules' files; by default that of systemd's
    /// `StateDirectory=`. `nil`: there are none.
    public var stateFolder: String?
    /// `log: /var/log/gatehouse/gatehouse.log`
    public var log = LogPlace.standardError

    public init() {}
}
