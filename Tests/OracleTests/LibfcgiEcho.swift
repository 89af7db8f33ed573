import GatehouseClient
import GatehousePlan
import TestSupport
import Testing

/// `Tests/Oracles/echo.c`, compiled and listening: a program of libfcgi, which echoes its reading of a request.
final class LibfcgiEcho {
    let endpoint: Endpoint
    private let folder: TemporaryFolder
    private let program: ChildProcess

    /// The library's reading of a request.
    struct Understanding: Equatable {
        /// Each as `NAME=value`, in the library's order.
        var parameters: [[UInt8]]
        var body: [UInt8]
    }

    init() throws {
        folder = try TemporaryFolder()
        let source = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Oracles/echo.c"
        let executable = "\(folder.path)/echo"
        let path = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        let compiler = try ChildProcess(["cc", "-O1", "-Wall", "-o", executable, source, "-lfcgi"], environment: path)
        _ = try compiler.readToEnd()
        guard compiler.wait() == 0 else {
            throw ChildProcess.Failure(description: "cc cannot build \(source): is the package libfcgi-dev installed?")
        }
        let socket = "\(folder.path)/echo.sock"
        endpoint = Endpoint(.fastCGI, .unix(path: socket))
        program = try ChildProcess([executable, socket])
        guard try Descriptor.read(program.output) == Array("ready\n".utf8) else {
            throw ChildProcess.Failure(description: "the libfcgi program does not listen")
        }
    }

    /// The response to the bytes of a whole request with id 1, as libfcgi's records gave it.
    func response(to bytes: [UInt8]) throws -> ClientResponse {
        let socket = try UnixSocket.connected(to: endpoint)
        try Descriptor.write(bytes, to: socket.descriptor)
        var decoder = FastCGIResponseDecoder(requiresZeroPadding: false)
        var parser = ResponseHeadParser()
        var response = ClientResponse(head: ClientResponseHead(status: 0))
        while !decoder.isComplete {
            guard let piece = try Descriptor.read(socket.descriptor), !piece.isEmpty else {
                throw ChildProcess.Failure(description: "libfcgi closed the connection before the end")
            }
            for event in try decoder.receive(piece) {
                switch event {
                case .output(let bytes, _) where response.head.status == 0:
                    guard let (head, body) = try parser.receive(bytes) else { continue }
                    response.head = head
                    response.body = body
                case .output(let bytes, _): response.body += bytes
                case .error(let bytes, _): response.diagnostics += bytes
                case .ended(_, let applicationStatus, let protocolStatus):
                    response.applicationStatus = applicationStatus
                    response.protocolStatus = protocolStatus
                case .outputEnded, .errorEnded, .values, .unknownType: break
                }
            }
        }
        return response
    }

    /// Reads the program's "<length>:<NAME=value>," list and the body after it.
    static func understanding(_ echoed: [UInt8]) throws -> Understanding {
        var rest = echoed[...]
        var parameters: [[UInt8]] = []
        while let first = rest.first, first != UInt8(ascii: "\n") {
            let digits = rest.prefix { $0 != UInt8(ascii: ":") }
            let length = try #require(Int(String(decoding: digits, as: UTF8.self)))
            rest = rest.dropFirst(digits.count + 1)
            parameters.append(Array(rest.prefix(length)))
            try #require(rest.dropFirst(length).first == UInt8(ascii: ","))
            rest = rest.dropFirst(length + 1)
        }
        return Understanding(parameters: parameters, body: Array(rest.dropFirst()))
    }
}
