import Glibc

// gatehouse-worker: opens the runtime library that was installed with it and hands over. The library's path comes from
// where this program itself lies, so that no search path, environment variable or rpath decides whose code runs.
var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
let program = length > 0 ? String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
let folder = program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
let candidates = [folder + "/libGatehouseRuntime.so", folder + "/../lib/gatehouse/libGatehouseRuntime.so"]
guard let path = candidates.first(where: { access($0, R_OK) == 0 }) else {
    fputs("gatehouse-worker: libGatehouseRuntime.so is in neither of \(candidates.joined(separator: ", "))\n", stderr)
    exit(70)
}
guard let library = dlopen(path, RTLD_NOW | RTLD_GLOBAL), let entry = dlsym(library, "gatehouse_worker_main") else {
    fputs("gatehouse-worker: \(dlerror().map { String(cString: $0) } ?? path)\n", stderr)
    exit(70)
}
exit(unsafeBitCast(entry, to: (@convention(c) () -> Int32).self)())
