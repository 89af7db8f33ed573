import Crypto
public import Gatehouse

extension ETag {
    /// A strong name made of the bytes themselves: the first half of their SHA-256.
    public static func hash(of bytes: some Sequence<UInt8>) -> ETag {
        var hash = SHA256()
        if bytes.withContiguousStorageIfAvailable({ hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
            hash.update(data: Array(bytes))
        }
        return ETag(of: hash.finalize())
    }

    /// A strong name made of a hash that is made already.
    init(of hash: SHA256Digest) {
        self.init(Hex.text(hash.prefix(16)), isWeak: false)
    }
}
