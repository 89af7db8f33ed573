// The process is single-threaded until a command says otherwise: `serve` spawns workers and handles signals by
// descriptor.
CommandLineEntry.run()
