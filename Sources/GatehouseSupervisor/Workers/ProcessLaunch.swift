internal import CGatehouseSystem
import GatehouseConfiguration
internal import Glibc

/// A program to be started: the Swift side of `gatehouse_launch`.
struct ProcessLaunch {
    var program: String
    var arguments: [String]
    var environment: [String: String]
    /// Descriptors that the program gets as 3, 4, 5, ...
    var descriptors: [Int32]
    /// Standard input; `nil` for /dev/null.
    var input: Int32?
    /// Standard output and error.
    var output: Int32
    var settings: ProcessSettings
    /// Whether the environment gets a LISTEN_PID with the child's own process id.
    var announcesListenPID = false

    struct Failure: Error {
        /// `descriptors`, `directory`, `rlimits`, `nice`, `cpus`, `group`, `user`, `program` or `start`.
        var stage: String
        var code: Int32
    }

    func start() throws(Failure) -> pid_t {
        let memory = CStringArena()
        var pairs = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        if announcesListenPID { pairs.append("LISTEN_PID=0") }
        let variables = memory.strings(pairs)
        var launch = gatehouse_launch()
        launch.program = UnsafePointer(memory.string(program))
        launch.arguments = UnsafePointer(memory.strings(arguments))
        launch.environment = variables
        if announcesListenPID { launch.listen_pid = variables + (pairs.count - 1) }
        launch.descriptors = UnsafePointer(memory.array(descriptors))
        launch.descriptor_count = Int32(descriptors.count)
        launch.input = input ?? -1
        launch.output = output
        let directory = settings.directory ?? (settings.inheritsEnvironment ? nil : "/")
        if let directory { launch.directory = UnsafePointer(memory.string(directory)) }
        apply(to: &launch, memory)
        var pid: pid_t = 0
        var stage: UnsafePointer<CChar>?
        let code = gatehouse_launch(&launch, &pid, &stage)
        guard code == 0 else { throw Failure(stage: stage.map { String(cString: $0) } ?? "start", code: code) }
        return pid
    }

    private func apply(to launch: inout gatehouse_launch, _ memory: CStringArena) {
        if let group = settings.group ?? settings.user?.group {
            let groups = settings.user?.groups ?? [group]
            launch.changes_identity = 1
            launch.user = settings.user?.user ?? geteuid()
            launch.group = group
            launch.groups = UnsafePointer(memory.array(groups))
            launch.group_count = Int32(groups.count)
        }
        if let nice = settings.nice {
            launch.changes_nice = 1
            launch.nice = Int32(nice)
        }
        if let processors = settings.processors {
            launch.processors = UnsafePointer(memory.array(processors.map { Int32($0) }))
            launch.processor_count = Int32(processors.count)
        }
        let limits = settings.resourceLimits.map {
            gatehouse_resource_limit(resource: $0.resource, value: $0.value ?? .max)
        }
        launch.limits = UnsafePointer(memory.array(limits))
        launch.limit_count = Int32(limits.count)
    }
}

/// Owner of C strings and arrays for the duration of one call.
final class CStringArena {
    private var owned: [UnsafeMutableRawPointer] = []

    deinit { owned.forEach { free($0) } }

    /// An array of strings with a NULL at its end, as execve(2) wants it.
    func strings(_ texts: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        array(texts.map { strdup($0) }.map { keep($0) } + [nil])
    }

    func string(_ text: String) -> UnsafeMutablePointer<CChar>? { keep(strdup(text)) }

    func array<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        copy.initialize(from: elements, count: elements.count)
        owned.append(UnsafeMutableRawPointer(copy))
        return copy
    }

    private func keep(_ text: UnsafeMutablePointer<CChar>?) -> UnsafeMutablePointer<CChar>? {
        if let text { owned.append(UnsafeMutableRawPointer(text)) }
        return text
    }
}
