import Glibc

/// The part of a client's address that belongs to one customer.
enum NetworkAddress {
    /// An IPv4 address as it is; of an IPv6 address the network of 64 bits, in which its owner has any number of
    /// addresses. What is no address stays what it is.
    static func network(of address: String) -> String {
        var bytes = in6_addr()
        let text = String(address.prefix { $0 != "%" })
        guard text.contains(":"), inet_pton(AF_INET6, text, &bytes) == 1 else { return address }
        return withUnsafeBytes(of: bytes) { bytes in
            let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
            if bytes.prefix(12).elementsEqual(mapped) {
                // An IPv4 client of a socket for both.
                return bytes.suffix(4).map { "\($0)" }.joined(separator: ".")
            }
            return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") + "/64"
        }
    }
}
