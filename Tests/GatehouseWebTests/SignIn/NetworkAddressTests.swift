@testable import GatehouseWeb
import Testing

struct NetworkAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "20:1:d:b8:0:1:0:2/64"),
        ("2001:db8:1:2::", "20:1:d:b8:0:1:0:2/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe:80:0:0:0:0:0:0/64"), ("::1", "0:0:0:0:0:0:0:0/64"),
        ("", ""), ("unix:", "unix:"), ("::1::", "::1::"), ("not an address", "not an address"),
    ])
    func `an address counts with its network`(_ address: String, _ network: String) {
        #expect(NetworkAddress.network(of: address) == network)
    }
}
