/// A stored hash in the PHC string format, as other languages' libraries write it:
/// `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH` and `$scrypt$ln=17,r=8,p=1$SALT$HASH`, with salt and hash in base64
/// without padding.
struct PasswordHash: Equatable {
    var algorithm: PasswordAlgorithm
    var salt: [UInt8]
    var hash: [UInt8]

    /// The version of Argon2 that everybody writes: 1.3.
    private static let version = "v=19"
    /// The longest text that is read.
    private static let longest = 512

    /// Reads a stored text; `nil` if it is none of these, or says more than a request may take.
    init?(_ text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        var parts = text.split(separator: "$", omittingEmptySubsequences: false)[...]
        guard parts.popFirst() == "", let name = parts.popFirst() else { return nil }
        if name == "argon2id", parts.popFirst().map(String.init) != Self.version { return nil }
        guard parts.count == 3, let algorithm = Self.algorithm(name, parts.removeFirst()),
            let salt = Self.decode(parts.removeFirst()), let hash = Self.decode(parts.removeFirst()),
            algorithm.isWithinBounds, (8...64).contains(salt.count), (16...64).contains(hash.count)
        else { return nil }
        self.init(algorithm: algorithm, salt: salt, hash: hash)
    }

    init(algorithm: PasswordAlgorithm, salt: [UInt8], hash: [UInt8]) {
        self.algorithm = algorithm
        self.salt = salt
        self.hash = hash
    }

    var text: String {
        let head =
            switch algorithm {
            case .argon2id(let memory, let passes, let lanes):
                "$argon2id$\(Self.version)$m=\(memory),t=\(passes),p=\(lanes)"
            case .scrypt(let cost, let blockSize, let lanes): "$scrypt$ln=\(cost),r=\(blockSize),p=\(lanes)"
            }
        return "\(head)$\(Self.encode(salt))$\(Self.encode(hash))"
    }

    private static func algorithm(_ name: Substring, _ parameters: Substring) -> PasswordAlgorithm? {
        switch name {
        case "argon2id":
            numbers(parameters, ["m", "t", "p"]).map { .argon2id(memory: $0[0], passes: $0[1], lanes: $0[2]) }
        case "scrypt":
            numbers(parameters, ["ln", "r", "p"]).map { .scrypt(cost: $0[0], blockSize: $0[1], lanes: $0[2]) }
        default: nil
        }
    }

    /// The numbers of `m=19456,t=2,p=1`, whose names come in this order; `nil` for anything else.
    private static func numbers(_ text: Substring, _ names: [String]) -> [Int]? {
        let pairs = text.split(separator: ",", omittingEmptySubsequences: false)
        guard pairs.count == names.count else { return nil }
        var numbers: [Int] = []
        for (pair, name) in zip(pairs, names) {
            guard pair.hasPrefix(name + "=") else { return nil }
            let digits = pair.dropFirst(name.count + 1)
            guard (1...10).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(digits)
            else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        exchange(Base64URL.encode(bytes).utf8, (UInt8(ascii: "-"), UInt8(ascii: "+")), (UInt8(ascii: "_"), 0x2F))
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        guard !text.utf8.contains(UInt8(ascii: "-")), !text.utf8.contains(UInt8(ascii: "_")) else { return nil }
        return Base64URL.decode(
            exchange(text.utf8, (UInt8(ascii: "+"), UInt8(ascii: "-")), (0x2F, UInt8(ascii: "_"))))
    }

    private static func exchange(
        _ text: some Sequence<UInt8>, _ first: (UInt8, UInt8), _ second: (UInt8, UInt8)
    ) -> String {
        String(
            decoding: text.map { $0 == first.0 ? first.1 : $0 == second.0 ? second.1 : $0 }, as: UTF8.self)
    }
}
