import Glibc

// gatehouse-worker: opens the runtime library that was installed with it and hands over. The library's path comes from
// where this program itself lies, so that no search path, environment variable or rpath decides whose code runs.
func fail(_ message: String) -> Never {
    let line = "gatehouse-worker: \(message)\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(70)
}

var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
guard length > 0 else {
    fail("/proc/self/exe cannot be read (\(String(cString: strerror(errno)))): is /proc mounted?")
}
let program = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
let folder = program.lastIndex(of: "/").map { String(program[..<$0]) } ?? ""
let candidates = [folder + "/libGatehouseRuntime.so", folder + "/../lib/gatehouse/libGatehouseRuntime.so"]
guard let path = candidates.first(where: { access($0, R_OK) == 0 }) else {
    fail("libGatehouseRuntime.so is in neither of \(candidates.joined(separator: ", "))")
}
guard let library = dlopen(path, RTLD_NOW | RTLD_GLOBAL), let entry = dlsym(library, "gatehouse_worker_main") else {
    fail(dlerror().map { String(cString: $0) } ?? path)
}
exit(unsafeBitCast(entry, to: (@convention(c) () -> Int32).self)())
