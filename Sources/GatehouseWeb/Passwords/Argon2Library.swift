import Glibc

/// libargon2, opened when the first hash wants it, and never closed.
enum Argon2Library {
    /// The version of the library's interface that Debian, Ubuntu and Fedora have.
    private static let soname = "libargon2.so.1"

    private typealias HashRaw =
        @convention(c) (
            _ passes: UInt32, _ memory: UInt32, _ lanes: UInt32, _ password: UnsafeRawPointer?, _ passwordLength: Int,
            _ salt: UnsafeRawPointer?, _ saltLength: Int, _ hash: UnsafeMutableRawPointer?, _ hashLength: Int
        ) -> Int32

    /// `argon2id_hash_raw` of <argon2.h>.
    private static let hashRaw: HashRaw? = {
        guard let library = dlopen(soname, RTLD_NOW | RTLD_LOCAL),
            let function = dlsym(library, "argon2id_hash_raw")
        else { return nil }
        return unsafeBitCast(function, to: HashRaw.self)
    }()

    /// Whether this host has it.
    static var isThere: Bool { hashRaw != nil }

    /// Argon2id, version 1.3. The parameters are within ``PasswordAlgorithm/isWithinBounds``.
    static func hash(
        _ password: [UInt8], salt: [UInt8], memory: Int, passes: Int, lanes: Int, length: Int
    ) throws(PasswordError) -> [UInt8] {
        guard let hashRaw else { throw .noArgon2 }
        var hash = [UInt8](repeating: 0, count: length)
        let code = hash.withUnsafeMutableBytes { hash in
            password.withUnsafeBytes { password in
                salt.withUnsafeBytes { salt in
                    hashRaw(
                        UInt32(clamping: passes), UInt32(clamping: memory), UInt32(clamping: lanes),
                        password.baseAddress, password.count, salt.baseAddress, salt.count, hash.baseAddress, hash.count
                    )
                }
            }
        }
        // ARGON2_OK is 0; what is left to fail is the memory or a thread.
        guard code == 0 else { throw .cannotCompute("libargon2 gave the error \(code)") }
        return hash
    }
}
