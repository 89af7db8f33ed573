import GatehouseServer

/// A program that handlers run: a picture's thumbnail, a document's conversion, `sendmail`.
///
/// ```swift
/// let vips = Program("/usr/bin/vipsthumbnail", ["stdin", "--size", "320", "-o", ".jpg"], deadline: .seconds(10))
/// let thumbnail = try await vips.output(input: .bytes(picture))
/// ```
///
/// No shell reads the arguments, so nothing in them needs quoting; but a program takes an argument that begins with `-`
/// for an option, so never pass a client's text as one of its own.
///
/// The event loop is not blocked. The program has standard input, output and error and no other descriptor, a process
/// group of its own, and a short environment: PATH, HOME, USER, LOGNAME, LANG, TMPDIR and TZ of this process, if they
/// are set, and ``environment``. When the deadline comes, or the caller is cancelled because his client has left, its
/// whole group is killed.
public struct Program: Sendable {
    /// The absolute path of the program's file.
    public var path: String

    /// The arguments, without the program's own name.
    public var arguments: [String]

    /// Variables beside those that every program gets.
    public var environment: [String: String] = [:]

    /// The folder in which the program runs; `nil` for that of this process.
    public var folder: String?

    /// The longest time that the program may take.
    public var deadline: Duration

    /// The most bytes of standard output that are taken; with more of it the program is killed.
    public var outputLimit: Int

    /// The bound on how many run at a time. By default all programs of this process share ``WorkLimit/programs``.
    public var limit: WorkLimit = .programs

    /// - Parameters:
    ///   - path: the absolute path of the program's file.
    ///   - arguments: the arguments, without the program's own name.
    ///   - deadline: the longest time that it may take.
    ///   - outputLimit: the most bytes of standard output that are taken.
    public init(
        _ path: String, _ arguments: [String] = [], deadline: Duration = .seconds(30), outputLimit: Int = 16 << 20
    ) {
        self.path = path
        self.arguments = arguments
        self.deadline = deadline
        self.outputLimit = outputLimit
    }

    /// Runs the program to its end, whatever its status.
    /// - Throws: ``ProgramError`` if it cannot be started, took too long or wrote too much; ``BusyError``, which is a
    ///   503, if too many programs run and wait; `CancellationError`.
    public func run(input: ProgramInput = .nothing) async throws -> ProgramResult {
        try check()
        return try await limit.run {
            let wakeup = try ProgramWakeup()
            return try await withTaskCancellationHandler {
                try await BlockingThreads.run { try ProgramRun(program: self, wakeup: wakeup).perform(input) }
            } onCancel: {
                wakeup.signal()
            }
        }
    }

    /// Runs the program, which must succeed, and takes its standard output.
    /// - Throws: what ``run(input:)`` throws, and a ``ProgramError`` with what it wrote to standard error if its status
    ///   is not 0.
    public func output(input: ProgramInput = .nothing) async throws -> [UInt8] {
        let result = try await run(input: input)
        guard result.isSuccess else { throw ProgramError(.failed(result.status), program: path, result.errors) }
        return result.output
    }

    private func check() throws(ProgramError) {
        guard path.hasPrefix("/") else {
            throw ProgramError(.usage, program: path, "the path of a program to run is absolute")
        }
        let texts = [path] + arguments + environment.map { "\($0)=\($1)" } + (folder.map { [$0] } ?? [])
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw ProgramError(.usage, program: path, "an argument has the character U+0000, which no program can take")
        }
    }
}

/// The standard input of a ``Program``.
public enum ProgramInput: Sendable {
    /// An empty input.
    case nothing
    /// These bytes.
    case bytes([UInt8])
    /// An open file of the caller, from its position on. It stays open.
    case descriptor(Int32)
}

/// The end of a ``Program``.
public struct ProgramResult: Sendable, Equatable {
    /// The exit status; if a signal ended the program, 128 and the signal's number, as in a shell.
    public var status: Int

    /// The bytes of standard output.
    public var output: [UInt8]

    /// The text of standard error: its first 16 KiB, with U+FFFD for what is no UTF-8.
    public var errors: String

    /// Makes a result, for a test that has no program.
    public init(status: Int, output: [UInt8] = [], errors: String = "") {
        self.status = status
        self.output = output
        self.errors = errors
    }

    /// Whether the status is 0.
    public var isSuccess: Bool { status == 0 }
}

/// A program that could not be run, or failed.
public struct ProgramError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Kind: Sendable, Equatable {
        /// The call is wrong.
        case usage
        /// The program did not start.
        case notStarted
        /// It took longer than its deadline, and was killed.
        case deadline
        /// It wrote more than its limit, and was killed.
        case tooMuchOutput
        /// It ended with this status, which is not 0; 128 and more for a signal.
        case failed(Int)
    }

    /// The kind of failure.
    public var kind: Kind
    /// The program's path.
    public var program: String
    /// The reason, or what the program wrote to standard error.
    public var message: String

    init(_ kind: Kind, program: String, _ message: String) {
        self.kind = kind
        self.program = program
        self.message = message
    }

    /// The failure in one line; never the arguments, which may be secret.
    public var description: String {
        let text = message.split(whereSeparator: \.isNewline).joined(separator: "; ")
        return switch kind {
        case .usage, .notStarted: "cannot run \(program): \(text)"
        case .deadline: "\(program) took longer than its deadline and was killed" + (text.isEmpty ? "" : ": \(text)")
        case .tooMuchOutput: "\(program) was killed: \(text)"
        case .failed(let status): "\(program) failed with status \(status)" + (text.isEmpty ? "" : ": \(text)")
        }
    }
}
