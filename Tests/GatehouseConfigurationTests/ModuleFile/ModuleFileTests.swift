@testable import GatehouseModuleFile
import GatehousePlan
import Glibc
import TestSupport
import Testing

struct ModuleFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ bytes: [UInt8]) throws -> Result<ModuleFile, OperatorError> {
        let path = try folder.write(bytes, to: "lib.so")
        return Result { () throws(OperatorError) in try ModuleFile.open(path: path) }
    }

    private func status(_ bytes: [UInt8]) throws -> Int32? {
        if case .failure(let error) = try open(bytes) { error.exitStatus.rawValue } else { nil }
    }

    @Test func `the stamp of a module is read`() throws {
        let file = try open(ELFBuilder.module.bytes()).get()
        #expect(file.stamp == ELFBuilder.stamp)
        #expect(file.descriptorPath.hasPrefix("/proc/self/fd/"))
        try file.checkStamp(sdk: "abcd", compiler: "Clang 21")
    }

    @Test func `another SDK and another compiler have statuses of their own`() throws {
        let file = try open(ELFBuilder.module.bytes()).get()
        let otherSDK = #expect(throws: OperatorError.self) { try file.checkStamp(sdk: "ef", compiler: "Clang 21") }
        #expect(otherSDK?.exitStatus == .otherSDK)
        let otherCompiler = #expect(throws: OperatorError.self) { try file.checkStamp(sdk: "abcd", compiler: "gcc") }
        #expect(otherCompiler?.exitStatus == .otherCompiler)
    }

    @Test func `a file that is no shared object for this machine is told apart from one without a stamp`() throws {
        #expect(try status([]) == ExitStatus.notASharedObject.rawValue)
        #expect(try status(Array("#!/bin/sh\n".utf8)) == ExitStatus.notASharedObject.rawValue)
        var program = ELFBuilder.module
        program.type = 2
        #expect(try status(program.bytes()) == ExitStatus.notASharedObject.rawValue)
        var foreign = ELFBuilder.module
        foreign.machine = 8
        #expect(try status(foreign.bytes()) == ExitStatus.notASharedObject.rawValue)
        #expect(try status(ELFBuilder(sections: [(".text", [1])]).bytes()) == ExitStatus.unstampedModule.rawValue)
        let garbage = ELFBuilder(sections: [(ModuleStamp.section, [0xFF, 0xFE])])
        #expect(try status(garbage.bytes()) == ExitStatus.unstampedModule.rawValue)
        let enormous = ELFBuilder(sections: [(ModuleStamp.section, [UInt8](repeating: 65, count: 5_000))])
        #expect(try status(enormous.bytes()) == ExitStatus.notASharedObject.rawValue)
    }

    @Test func `a file cut anywhere is refused and never trapped on`() throws {
        let whole = ELFBuilder.module.bytes()
        for count in 0..<whole.count {
            #expect(try status(Array(whole[..<count])) != nil, "\(count) bytes were accepted")
        }
    }

    @Test func `a file with any one byte changed is read or refused and never trapped on`() throws {
        let whole = ELFBuilder.module.bytes()
        for offset in whole.indices {
            for value in [0x00, 0x7F, 0x80, 0xFF] as [UInt8] {
                var bytes = whole
                bytes[offset] = value
                _ = try open(bytes)
            }
        }
    }

    @Test func `a file of random bytes after the magic number is never trapped on`() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            var bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1]
            bytes += (0..<250).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = try open(bytes)
        }
    }

    @Test(arguments: [
        "", "gatehouse-stamp 2\nsdk=a\ncompiler=b\nmodule=c\nversion=1\n", "gatehouse-stamp 1\n",
        "gatehouse-stamp 1\nsdk=a\ncompiler=b\nversion=1\n",
        "gatehouse-stamp 1\nsdk=a\nsdk=b\ncompiler=b\nmodule=c\nversion=1\n",
        "gatehouse-stamp 1\nsdk=\ncompiler=b\nmodule=c\nversion=1\n",
        "gatehouse-stamp 1\nsdk=a\ncompiler=b\nmodule=\u{1B}[2J\nversion=1\n",
    ])
    func `a damaged stamp is none`(text: String) {
        #expect(ModuleStamp(section: Array(text.utf8)) == nil)
    }

    @Test func `keys of a later version are skipped`() {
        let text = ELFBuilder.stamp.text + "colour=green\n"
        #expect(ModuleStamp(section: Array(text.utf8)) == ELFBuilder.stamp)
    }

    /// Names: none, "main", "domain", "mainly".
    @Test(arguments: [
        (name: 1, section: 1, isEntry: true), (1, 0, false), (8, 1, true), (6, 1, false), (13, 1, false),
        (99, 1, false), (.max, 1, false),
    ])
    func `a module's entry is a defined symbol with the whole name`(
        _ symbol: (name: UInt32, section: UInt8, isEntry: Bool)
    ) {
        let names = Array("\0main\0domain\0mainly\0".utf8)
        var entry = [UInt8](repeating: 0, count: 24)
        for index in 0..<4 { entry[index] = UInt8(truncatingIfNeeded: symbol.name >> UInt32(8 * index)) }
        entry[6] = symbol.section
        let symbols = [UInt8](repeating: 0, count: 24) + entry
        #expect(ModuleEntry.isDefined(symbols: symbols, names: names) == symbol.isEntry)
        #expect(!ModuleEntry.isDefined(symbols: Array(symbols.dropLast(24)), names: names))
        #expect(!ModuleEntry.isDefined(symbols: symbols, names: []))
    }

    @Test func `a file without symbols has no entry`() throws {
        let path = try folder.write(ELFBuilder.module.bytes(), to: "lib.so")
        #expect(try !ModuleEntry.isDefined(in: path))
    }

    @Test func `a module that needs the kit library is told from others`() throws {
        let both = ELFBuilder.module(needing: ["libGatehouseRuntime.so", "libGatehouseWeb.so"])
        #expect(try open(both.bytes()).get().usesKit)
        for others in [[], ["libGatehouseRuntime.so"], ["libGatehouseWeb.so.1"], ["xlibGatehouseWeb.so"]] {
            #expect(try !open(ELFBuilder.module(needing: others).bytes()).get().usesKit, "\(others)")
        }
    }

    @Test func `a library's place among those that are needed can lie anywhere`() throws {
        let whole = ELFBuilder.module(needing: ["libGatehouseWeb.so"])
        for index in whole.sections[2].contents.indices {
            var changed = whole
            changed.sections[2].contents[index] = 0xFF
            _ = try open(changed.bytes())
        }
    }

    @Test func `the kit library beside a runtime library is that of its build`() throws {
        func path(_ identifiers: (runtime: [UInt8], kit: [UInt8]?)) throws -> Result<String, OperatorError> {
            let runtime = try folder.write(
                ELFBuilder.library(buildID: identifiers.runtime).bytes(), to: "libRuntime.so")
            if let kit = identifiers.kit {
                _ = try folder.write(ELFBuilder.library(buildID: kit).bytes(), to: KitLibrary.fileName)
            }
            return Result { () throws(OperatorError) in
                try KitLibrary.path(beside: runtime, buildID: BuildID.read(from: runtime))
            }
        }
        #expect(throws: OperatorError.self) { try path(([0xAB, 1], nil)).get() }
        #expect(try path(([0xAB, 1], [0xAB, 1, 1])).get() == folder.path + "/libGatehouseWeb.so")
        for other: [UInt8] in [[0xAB, 1], [0xAB, 2, 1], [0xAB, 1, 2]] {
            #expect(throws: OperatorError.self) { try path(([0xAB, 1], other)).get() }
        }
    }

    @Test func `a build id is read from its note and from nothing else`() throws {
        let note: [UInt8] = [4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 71, 78, 85, 0, 0x0A, 0xBC, 0xFF]
        let path = try folder.write(ELFBuilder(sections: [(".note.gnu.build-id", note)]).bytes(), to: "lib.so")
        #expect(try BuildID.read(from: path) == "0abcff")
        for count in 0..<note.count { #expect(BuildID.hexadecimal(inNote: Array(note[..<count])) == nil) }
        #expect(throws: OperatorError.self) { try BuildID.read(from: folder.path + "/none") }
    }
}
