import GatehouseSystem
import Glibc
import Testing

/// Lines for a pipe whose reader comes and goes: nothing waits, and lost lines are counted.
struct LineOutputTests {
    /// A pipe of two pages: it says that it has room while the second is empty, which is for five lines of 1,024 bytes.
    private final class SmallPipe {
        let reader: Int32
        let writer: Int32
        /// F_SETPIPE_SZ, which Swift does not see.
        private static let setSize: Int32 = 1_031

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(Glibc.pipe(&ends) == 0)
            (reader, writer) = (ends[0], ends[1])
            try #require(fcntl(writer, Self.setSize, 8_192) == 8_192)
        }

        deinit { [reader, writer].forEach { close($0) } }

        /// The content so far, in lines.
        func lines() -> [String] {
            _ = fcntl(reader, F_SETFL, O_NONBLOCK)
            var text = ""
            var chunk = [UInt8](repeating: 0, count: 8_192)
            while case let count = read(reader, &chunk, chunk.count), count > 0 {
                text += String(decoding: chunk[..<count], as: UTF8.self)
            }
            return text.split(separator: "\n").map(String.init)
        }
    }

    private let pipe: SmallPipe

    init() throws { pipe = try SmallPipe() }

    private func line(_ number: Int, length: Int = 1_024) -> [UInt8] {
        let start = "\(number) "
        return Array((start + String(repeating: "x", count: length - start.utf8.count - 1) + "\n").utf8)
    }

    private func numbers(_ lines: [String]) -> [Int] { lines.map { Int($0.prefix { $0 != " " }) ?? -1 } }

    private func makeOutput(capacity: Int, says: Bool = true) -> LineOutput {
        let notice: (@Sendable (Int) -> String)? = if says { { "lost \($0)" } } else { nil }
        return LineOutput(descriptor: pipe.writer, capacity: capacity, notice: notice)
    }

    @Test func `without a reader lines are lost, and the next one that leaves comes after how many`() {
        var output = makeOutput(capacity: 0)
        for number in 0..<10 { output.add(line(number)) }
        #expect(output.lost == 5 && !output.isWaiting)
        #expect(numbers(pipe.lines()) == [0, 1, 2, 3, 4])
        output.add(line(10))
        #expect(output.lost == 0)
        let lines = pipe.lines()
        #expect(lines[0] == "lost 5" && numbers(Array(lines[1...])) == [10])
    }

    @Test func `what is kept leaves when there is room, in its order, and the loss is said by itself`() {
        var output = makeOutput(capacity: 2_048)
        for number in 0..<9 { output.add(line(number)) }
        #expect(output.isWaiting && output.lost == 2)
        #expect(numbers(pipe.lines()) == [0, 1, 2, 3, 4])
        output.flush()
        #expect(!output.isWaiting && output.lost == 0)
        let lines = pipe.lines()
        #expect(numbers(Array(lines[..<2])) == [5, 6] && lines[2...] == ["lost 2"])
    }

    @Test func `a line that is longer than a piece is never left half written`() {
        var output = makeOutput(capacity: 0)
        output.add(line(1, length: 9_000))
        output.add(line(2))
        #expect(output.isWaiting && output.lost == 1)
        let text = pipe.lines().joined()
        output.flush()
        let rest = pipe.lines()
        #expect(rest.count == 2 && rest[1] == "lost 1" && !output.isWaiting)
        #expect(text.utf8.count + rest[0].utf8.count == 8_999)
    }

    @Test func `pieces end with a line, so that those of several writers do not mix`() throws {
        var output = makeOutput(capacity: 1 << 20)
        let lines = (0..<5).flatMap { line($0, length: 1_500) }
        output.add(lines)
        #expect(numbers(pipe.lines()) == [0, 1, 2, 3])
        output.flush()
        #expect(numbers(pipe.lines()) == [4])
    }

    @Test func `an error is told and counted, and is no reason to stop`() throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        defer { close(full) }
        var output = LineOutput(descriptor: full, capacity: 4_096)
        let codes = [output.add(line(1)), output.add(line(2))]
        output.use(pipe.writer)
        let code = output.add(line(3))
        #expect(codes == [ENOSPC, ENOSPC] && code == nil)
        let lost = [output.takeLost(), output.takeLost()]
        #expect(lost == [2, 0])
        #expect(numbers(pipe.lines()) == [3])
    }

    @Test func `what is given up counts as lost`() {
        var output = makeOutput(capacity: 4_096, says: false)
        for number in 0..<8 { output.add(line(number)) }
        output.giveUp()
        let lost = output.takeLost()
        #expect(lost == 3 && !output.isWaiting)
    }

    @Test func `a socket that nobody reads is not waited for either`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        var output = LineOutput(descriptor: ends[1], capacity: 0)
        for number in 0..<10_000 { output.add(line(number)) }
        #expect(output.lost > 0)
    }
}
