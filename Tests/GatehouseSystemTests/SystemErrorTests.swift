import GatehouseSystem
import Glibc
import Testing

struct SystemErrorTests {
    @Test func `an error names its call and the system's reason`() {
        let error = SystemError("open", ENOENT)
        #expect(error.description == "open: No such file or directory")
        #expect(error.reason == "No such file or directory")
    }

    @Test func `the last failed call is the default`() {
        #expect(close(-1) == -1)
        #expect(SystemError("close").code == EBADF)
        #expect(close(-1) == -1)
        #expect(SystemError.text() == "Bad file descriptor")
    }

    @Test func `an unknown number has a text`() {
        #expect(SystemError.text(4_711) == "Unknown error 4711")
    }

    @Test func `threads get their own texts`() async {
        await withTaskGroup(of: Bool.self) { group in
            for code in [ENOENT, EACCES, EAGAIN, 4_711] {
                let expected = SystemError.text(code)
                group.addTask { (0..<2_000).allSatisfy { _ in SystemError.text(code) == expected } }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test func `an interrupted call is made again, another failure is not`() {
        var results = [-1, -1, 7]
        let value = retryingOnInterruption { () -> Int in
            errno = EINTR
            return results.removeFirst()
        }
        #expect(value == 7 && results.isEmpty)
        var calls = 0
        let failure = retryingOnInterruption { () -> Int32 in
            calls += 1
            errno = EAGAIN
            return -1
        }
        #expect(failure == -1 && calls == 1)
    }
}
