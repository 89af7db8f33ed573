import GatehouseWeb
import Testing

/// Hashes of ours as other libraries verify them: Python's hashlib and argon2-cffi.
struct PasswordInteropTests {
    private static let verifier = """
        import base64, hashlib, sys
        text, password = sys.stdin.buffer.read().split(b"\\n")
        if text.startswith(b"$argon2id$"):
            import argon2
            try:
                print(argon2.PasswordHasher().verify(text.decode(), password))
            except argon2.exceptions.VerifyMismatchError:
                print(False)
        else:
            _, _, cost, salt, hash = text.decode().split("$")
            cost = dict(pair.split("=") for pair in cost.split(","))
            salt, hash = (base64.b64decode(part + "==") for part in (salt, hash))
            ours = hashlib.scrypt(password, salt=salt, n=2 ** int(cost["ln"]), r=int(cost["r"]), p=int(cost["p"]),
                                  dklen=len(hash), maxmem=2 ** 30)
            print(hash == ours)
        """

    private func verifies(_ password: String, _ hash: String) async throws -> String {
        let python = Program("/usr/bin/python3", ["-c", Self.verifier])
        let output = try await python.output(input: .bytes(Array("\(hash)\n\(password)".utf8)))
        return String(decoding: output, as: UTF8.self)
    }

    @Test(arguments: [
        PasswordAlgorithm.argon2id, .argon2id(memory: 64, passes: 3, lanes: 4), .scrypt,
        .scrypt(cost: 10, blockSize: 8, lanes: 2),
    ])
    func `another library verifies our hash`(_ algorithm: PasswordAlgorithm) async throws {
        let hash = try await PasswordHasher(algorithm).hash("pässwörd 🔑")
        #expect(try await verifies("pässwörd 🔑", hash) == "True\n")
        #expect(try await verifies("pässwörd", hash) == "False\n")
    }
}
