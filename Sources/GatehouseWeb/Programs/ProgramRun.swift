import CGatehouseSystem
import GatehouseSystem
import Glibc

/// One run of a program, on a thread that may be blocked.
struct ProgramRun {
    let program: Program
    let wakeup: ProgramWakeup

    /// The most bytes of standard error that are kept.
    private static let errorLimit = 16 << 10

    func perform(_ input: ProgramInput) throws -> ProgramResult {
        let source: Int32
        switch input {
        case .nothing: source = -1
        case .descriptor(let descriptor): source = descriptor
        case .bytes(let bytes):
            // A file and no pipe: nobody needs to feed the program while it runs.
            do { source = try MemoryFile.make("input", holding: bytes) } catch { throw notStarted("\(error)") }
        }
        defer { if case .bytes = input { close(source) } }
        let output = try ProgramPipe(limit: program.outputLimit), errors = try ProgramPipe(limit: Self.errorLimit)
        let deadline = MonotonicClock.nanoseconds() + program.deadline.nanoseconds
        let pid = try start(input: source, output: output.writing, errors: errors.writing)
        output.closeWriting()
        errors.closeWriting()
        let process = gatehouse_process_descriptor(pid)
        defer { if process >= 0 { close(process) } }
        do {
            guard process >= 0 else { throw notStarted(SystemError.text()) }
            try follow(process, output, errors, until: deadline)
        } catch {
            // Not reaped yet, so that the number is still the group's.
            kill(-pid, SIGKILL)
            _ = reap(pid)
            throw error
        }
        // The rest of its output is there. Others may have the pipes still, as a program that sendmail has left.
        _ = output.read()
        _ = errors.read()
        let status = reap(pid)
        guard !output.isFull else { throw tooMuch }
        return ProgramResult(status: status, output: output.bytes, errors: errors.text)
    }

    /// Reads what the program writes, until it has ended.
    private func follow(
        _ process: Int32, _ output: ProgramPipe, _ errors: ProgramPipe, until deadline: Int64
    ) throws {
        var polls = [output.reading, errors.reading, process, wakeup.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while true {
            let left = deadline - MonotonicClock.nanoseconds()
            guard left > 0 else { throw ProgramError(.deadline, program: program.path, errors.text) }
            // Rounded up, or the last millisecond would be spent asking.
            let count = poll(&polls, nfds_t(polls.count), Int32(min(left / 1_000_000 + 1, 3_600_000)))
            guard count >= 0 || errno == EINTR else { throw notStarted(SystemError.text()) }
            guard count > 0 else { continue }
            if polls[3].revents != 0 { throw CancellationError() }
            if polls[0].revents != 0, !output.read() { polls[0].fd = -1 }
            if polls[1].revents != 0, !errors.read() { polls[1].fd = -1 }
            guard !output.isFull else { throw tooMuch }
            if polls[2].revents != 0 { return }
        }
    }

    private func start(input: Int32, output: Int32, errors: Int32) throws(ProgramError) -> pid_t {
        var arguments: [UnsafeMutablePointer<CChar>?] = ([program.path] + program.arguments).map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = self.environment.map { strdup("\($0)=\($1)") } + [nil]
        let folder = program.folder.map { strdup($0) }
        let path = strdup(program.path)
        defer {
            for text in arguments + environment + [path, folder ?? nil] { free(text) }
        }
        var pid: pid_t = 0
        let error = arguments.withUnsafeMutableBufferPointer { arguments in
            environment.withUnsafeMutableBufferPointer { environment in
                var run = gatehouse_run(
                    program: path, arguments: arguments.baseAddress, environment: environment.baseAddress,
                    input: input, output: output, error: errors, directory: folder ?? nil)
                return gatehouse_run_program(&run, &pid)
            }
        }
        guard error == 0 else { throw notStarted(SystemError.text(error)) }
        return pid
    }

    /// The environment: no secret of the worker's own.
    private var environment: [String: String] {
        var variables: [String: String] = [:]
        for name in ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "TZ"] {
            variables[name] = ProcessEnvironment.value(of: name)
        }
        return variables.merging(program.environment) { _, own in own }
    }

    private func reap(_ pid: pid_t) -> Int {
        var status: Int32 = 0
        // A module that waits for any child takes this one's status along.
        guard retryingOnInterruption({ waitpid(pid, &status, 0) }) >= 0 else { return 127 }
        var code: Int32 = 0
        return gatehouse_did_exit(status, &code) != 0 ? Int(code) : 128 + Int(code)
    }

    private var tooMuch: ProgramError {
        ProgramError(
            .tooMuchOutput, program: program.path, "it wrote more than \(program.outputLimit) bytes (outputLimit)")
    }

    private func notStarted(_ reason: String) -> ProgramError {
        ProgramError(.notStarted, program: program.path, reason)
    }
}
