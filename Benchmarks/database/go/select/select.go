// One prepared select by many goroutines through pgx and its pool.
//
//	select SOCKET_FOLDER SECONDS CALLERS      prints the figures as JSON
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v4/pgxpool"
)

const rows = 10000

func cpu() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func caller(pool *pgxpool.Pool, number int, seconds float64) []time.Duration {
	latencies := make([]time.Duration, 0, 100000)
	id := number * 311 % rows
	began := time.Now()
	end := began.Add(time.Duration(seconds * 1e9))
	for {
		id = (id + 7919) % rows
		var found int
		var title string
		row := pool.QueryRow(context.Background(), "SELECT id, title FROM t WHERE id = $1", id+1)
		if err := row.Scan(&found, &title); err != nil {
			log.Fatal(err)
		}
		if found != id+1 {
			log.Fatal("another row")
		}
		now := time.Now()
		latencies = append(latencies, now.Sub(began))
		if now.After(end) {
			return latencies
		}
		began = now
	}
}

func load(pool *pgxpool.Pool, seconds float64, callers int) []time.Duration {
	parts := make([][]time.Duration, callers)
	var group sync.WaitGroup
	for number := range parts {
		group.Add(1)
		go func(number int) {
			defer group.Done()
			parts[number] = caller(pool, number, seconds)
		}(number)
	}
	group.Wait()
	var all []time.Duration
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: select SOCKET_FOLDER SECONDS CALLERS")
		os.Exit(64)
	}
	seconds, _ := strconv.ParseFloat(os.Args[2], 64)
	callers, _ := strconv.Atoi(os.Args[3])
	pool, err := pgxpool.Connect(context.Background(), fmt.Sprintf(
		"host=%s user=bench dbname=bench pool_max_conns=%d", os.Args[1], callers))
	if err != nil {
		log.Fatal(err)
	}
	load(pool, 0.3, callers)
	before, began := cpu(), time.Now()
	latencies := load(pool, seconds, callers)
	took, spent := time.Since(began).Seconds(), cpu()-before
	sort.Slice(latencies, func(a, b int) bool { return latencies[a] < latencies[b] })
	fmt.Printf(
		"{\"queries\": %d, \"seconds\": %g, \"cpu\": %g, \"p50_us\": %g, \"p99_us\": %g}\n",
		len(latencies), took, spent, float64(latencies[len(latencies)/2].Nanoseconds())/1e3,
		float64(latencies[len(latencies)*99/100].Nanoseconds())/1e3)
}
