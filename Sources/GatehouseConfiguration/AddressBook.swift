internal import GatehousePlan

/// Which address belongs to whom: no two pools can listen on the same, and the control socket needs one of its own.
final class AddressBook {
    struct Owner {
        /// For messages: `pool "web"`, `the control socket`.
        var name: String
        var line: Int
    }

    private var owners: [Endpoint.Address: Owner] = [:]

    /// Enters an address; returns whose it is already, where it is.
    func take(_ address: Endpoint.Address, for owner: Owner) -> Owner? {
        let key = Self.normalise(address)
        if let holder = owners[key] { return holder }
        owners[key] = owner
        return nil
    }

    /// `./a.sock`, `/srv//a.sock` and the absolute path are one file.
    private static func normalise(_ address: Endpoint.Address) -> Endpoint.Address {
        guard case .unix(let path) = address else { return address }
        let absolute = path.hasPrefix("/") ? path : CurrentDirectory.path + "/" + path
        return .unix(path: "/" + absolute.split(separator: "/").filter { $0 != "." }.joined(separator: "/"))
    }
}
