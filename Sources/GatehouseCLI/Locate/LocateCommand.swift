internal import ArgumentParser
internal import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// `gatehouse locate`, run by the supervisor, which does not read the output of a crashed worker itself: this process,
/// with the worker's user and little memory, turns it into text.
struct LocateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "locate", abstract: "Find the source lines of a crash.",
        discussion: """
            Reads a backtrace from standard input, one address a line, and writes "reason:", "place:" and "call:" \
            lines. A module is an inherited descriptor with its copy, and its path.
            """, shouldDisplay: false)

    @Argument(help: ArgumentHelp("A module's copy and its path.", valueName: "descriptor=path"))
    var modules: [String] = []

    func run() throws {
        var copies: [String: [Int32]] = [:]
        for module in modules {
            guard let equals = module.firstIndex(of: "="), let descriptor = Int32(module[..<equals]) else {
                throw ValidationError("\(module): write DESCRIPTOR=PATH")
            }
            let name = module.split(separator: "/").last.map(String.init) ?? ""
            copies[name, default: []].append(descriptor)
        }
        lseek(STDIN_FILENO, 0, SEEK_SET)
        let text = String(decoding: (try? Descriptor.readAll(STDIN_FILENO)) ?? [], as: UTF8.self)
        let addresses = text.split(separator: "\n").prefix(Self.mostLines).enumerated().map {
            CrashAddress(line: String($0.element), isCrashed: $0.offset == 0)
        }
        var located: [String: [UInt64: [SourceCall]]] = [:]
        if let tool = Symbolizer() {
            for (name, descriptors) in copies {
                // If two modules have the same file name, an address could belong to either.
                guard descriptors.count == 1 else { continue }
                let offsets = addresses.filter { $0.isModule && $0.file == name }.map(\.lookedUp)
                if !offsets.isEmpty { located[name] = tool.calls(at: offsets, in: descriptors[0]) }
            }
        }
        let explanation = Explanation(addresses) { located[$0.file]?[$0.lookedUp] ?? [] }
        print(explanation.lines.joined(separator: "\n"))
    }

    /// The most calls that a crash's backtrace has.
    private static let mostLines = 200
}
