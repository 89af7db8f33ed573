"""Forms beside Hummingbird's own decoder, in processor time."""

import subprocess

from harness import sdk

SOURCE = """
import GatehouseWeb
import Glibc
import Hummingbird

struct Signup: Decodable {
    var name: String, email: String, age: Int?, terms: Bool, tags: [String], note: String?
}

func nanoseconds(_ body: () throws -> Void) rethrows -> Int {
    func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
    let start = now()
    for _ in 0..<20_000 { try body() }
    return (now() - start) / 20_000
}

@main struct Comparison {
    static func main() throws {
        let body = "name=Ann+Example&email=ann%40example.org&age=42&terms=true&tags[]=a&tags[]=b"
            + "&note=Hello%2C+this+is+a+note+of+some+length%0D%0Awith+two+lines"
        for _ in 0..<3 {
            let ours = try nanoseconds { _ = try FormFields(urlEncoded: body).decode(Signup.self) }
            let theirs = try nanoseconds { _ = try URLEncodedFormDecoder().decode(Signup.self, from: body) }
            print(ours, theirs)
        }
    }
}
"""


def test_a_form_takes_less_than_half_of_hummingbirds_time(folder):
    (folder / "Comparison.swift").write_text(SOURCE)
    sdk.compile([folder / "Comparison.swift"], "-O", "-parse-as-library", "-o", str(folder / "comparison"),
                "-L", str(sdk.BUILD), "-lGatehouseRuntime", "-lGatehouseWeb",
                "-Xlinker", "-rpath", "-Xlinker", str(sdk.BUILD))
    output = subprocess.run([folder / "comparison"], capture_output=True, text=True, check=True, timeout=60).stdout
    ours, theirs = map(min, zip(*(map(int, line.split()) for line in output.splitlines())))
    print(f"nanoseconds for a form of seven fields: {ours}, Hummingbird {theirs}")
    assert ours < theirs / 2, output
