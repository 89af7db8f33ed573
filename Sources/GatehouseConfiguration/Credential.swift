/// A secret in a file of its own, as systemd gives it to a service (systemd.exec(5), `LoadCredential=`): the file NAME
/// in the folder $CREDENTIALS_DIRECTORY. The folder is the service's own, so it is read with the service's rights.
struct Credential {
    static let folderVariable = "CREDENTIALS_DIRECTORY"

    /// `nil` if there is no such credential.
    let value: String?

    /// - Parameter folder: the folder of all credentials; `nil` if there is none.
    init(_ name: String, folder: String?) throws(SecretFile.Unusable) {
        // systemd's own rule is wider, but no file of another folder can be named by this.
        let isName =
            !name.isEmpty && name.utf8.count <= 255 && name != "." && name != ".."
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || [45, 46, 95].contains($0)
            }
        guard isName else {
            throw SecretFile.Unusable(fault: "has a name of other than letters, digits, \"-\", \"_\" and \".\"")
        }
        guard let folder, !folder.isEmpty else {
            value = nil
            return
        }
        value = try SecretFile(path: folder + "/" + name).text()
    }
}
