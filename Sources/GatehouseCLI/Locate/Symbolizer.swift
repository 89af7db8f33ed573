internal import GatehousePlan
internal import Glibc

/// The program of this machine that reads line tables.
struct Symbolizer {
    private let program: String
    private let isLLVM: Bool

    /// Prefers LLVM's, which alone knows the names of inlined functions, and with them Swift's reason of a trap. `nil`
    /// if there is no such program.
    init?() {
        // Debian's has its version in its name.
        let names = ["llvm-symbolizer"] + (13...30).reversed().map { "llvm-symbolizer-\($0)" }
        var found = names.lazy.compactMap(Subprocess.find).first
        if found == nil, let swift = Subprocess.find("swiftc").flatMap(Files.resolve) {
            let beside = swift.prefix(through: swift.lastIndex(of: "/") ?? swift.startIndex) + "llvm-symbolizer"
            if access(String(beside), X_OK) == 0 { found = String(beside) }
        }
        if let found {
            (program, isLLVM) = (found, true)
        } else if let found = Subprocess.find("addr2line") {
            (program, isLLVM) = (found, false)
        } else {
            return nil
        }
    }

    /// The functions that each address is in, the innermost of those that were inlined there first.
    func calls(at addresses: [UInt64], in descriptor: Int32) -> [UInt64: [SourceCall]] {
        let file = "/proc/self/fd/\(descriptor)"
        let options =
            isLLVM
            ? ["--output-style=GNU", "--addresses", "--inlines", "--no-demangle", "--obj=\(file)"]
            : ["-a", "-f", "-i", "-e", file]
        let words = addresses.map { "0x" + String($0, radix: 16) }
        guard let text = try? Subprocess.output(program, options + words) else { return [:] }
        return Self.read(text)
    }

    /// Reads an address, then pairs of lines: a function's name, and its file and line.
    static func read(_ text: String) -> [UInt64: [SourceCall]] {
        var result: [UInt64: [SourceCall]] = [:]
        var address: UInt64?
        var function: Substring?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let name = function, let address {
                result[address, default: []].append(call(String(name), at: line))
                function = nil
            } else if line.hasPrefix("0x"), let number = UInt64(line.dropFirst(2), radix: 16) {
                address = number
            } else if !line.isEmpty {
                function = line
            }
        }
        return result
    }

    /// `/src/Blog.swift:12 (discriminator 3)`; code of no line is in `<compiler-generated>`, `??:0` is nowhere.
    private static func call(_ function: String, at place: Substring) -> SourceCall {
        var call = SourceCall(function: function)
        guard let colon = place.lastIndex(of: ":"), !place.contains("<compiler-generated>"), !place.hasPrefix("??"),
            let line = Int(place[colon...].dropFirst().prefix { $0.isNumber })
        else { return call }
        call.file = String(place[..<colon].trimmingPrefix("./"))
        call.line = line
        return call
    }
}
