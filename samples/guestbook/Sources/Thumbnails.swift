import GatehouseWeb

/// Makes thumbnails by GraphicsMagick, in a process of its own: decoders of pictures are large C programs, and whoever
/// can break one with a file has broken a process that has nothing but that file and lives for a moment.
struct Thumbnails: Sendable {
    /// The longest side, in pixels: twice what a page shows, for screens with small ones.
    static let side = 640

    /// The bytes of a JPEG that is no larger than that, without what cameras write into theirs: time and place.
    ///
    /// The program is told which decoder to take, so that no file can choose one, and how much it may use.
    static func make(of picture: [UInt8], type: ImageType) async throws -> [UInt8] {
        let decoder = type == .png ? "PNG" : "JPEG"
        let program = Program(
            "/usr/bin/gm",
            [
                "convert", "-limit", "pixels", "60MP", "-limit", "memory", "512MiB", "-limit", "map", "0", "-limit",
                "disk",
            ]
                + ["0", "-limit", "threads", "1", "-size", "\(side)x\(side)", "\(decoder):-", "-auto-orient"]
                + ["-thumbnail", "\(side)x\(side)>", "+profile", "*", "-quality", "80", "JPEG:-"],
            deadline: .seconds(20), outputLimit: 4 << 20)
        return try await program.output(input: .bytes(picture))
    }
}
