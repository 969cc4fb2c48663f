package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// peaks samples how much memory this process's children hold together, while it is resumed.
type peaks struct {
	switched chan bool
	result   chan int64
}

func watchChildren() *peaks {
	p := &peaks{switched: make(chan bool), result: make(chan int64)}
	go p.sample()
	return p
}

func (p *peaks) resume()     { p.switched <- true }
func (p *peaks) pause()      { p.switched <- false }
func (p *peaks) most() int64 { return <-p.result }

func (p *peaks) sample() {
	var most int64
	on := false
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case on = <-p.switched:
		case p.result <- most:
			return
		case <-tick.C:
			if on {
				most = max(most, childrenHold())
			}
		}
	}
}

func childrenHold() (bytes int64) {
	for _, pid := range children() {
		var all, held int64
		text, _ := os.ReadFile("/proc/" + pid + "/statm")
		fmt.Sscan(string(text), &all, &held)
		bytes += held * int64(os.Getpagesize())
	}
	return bytes
}

// childrenWorked is the processor time of all children, ended and running.
func childrenWorked() time.Duration {
	var ended syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_CHILDREN, &ended)
	worked := time.Duration(ended.Utime.Nano() + ended.Stime.Nano())
	for _, pid := range children() {
		text, _ := os.ReadFile("/proc/" + pid + "/stat")
		_, rest, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(rest); len(fields) > 12 {
			user, _ := strconv.Atoi(fields[11])
			system, _ := strconv.Atoi(fields[12])
			worked += time.Duration(user+system) * 10 * time.Millisecond // the kernel's tick
		}
	}
	return worked
}

func children() (pids []string) {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}
