public import GatehousePlan

/// The kit library, which has the application kit and its dependencies. A worker loads it for modules that need it, so
/// that the memory of all others is the smaller for it.
public enum KitLibrary {
    /// The library's name, in the modules that need it too.
    public static let fileName = "libGatehouseWeb.so"

    /// The path of the library that was built with a runtime library, in whose folder it is.
    /// - Parameters:
    ///   - runtime: the path of the runtime library.
    ///   - buildID: its build id.
    /// - Throws: if it is missing, or belongs to another build: its code has the layout of other types.
    public static func path(beside runtime: String, buildID: String) throws(OperatorError) -> String {
        let folder = runtime.lastIndex(of: "/").map { String(runtime[...$0]) } ?? ""
        let path = folder + fileName
        let found: String
        do { found = try BuildID.read(from: path) } catch {
            throw OperatorError("\(error.message): install this Gatehouse again", .internal)
        }
        // scripts/build gives it the runtime library's name and this byte.
        guard found == buildID + "01" else {
            throw OperatorError(
                "\(path) is of another build than \(runtime): install this Gatehouse again", .internal)
        }
        return path
    }
}
