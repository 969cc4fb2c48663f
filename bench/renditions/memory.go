package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		pids, _ := os.ReadFile(list)
		for _, pid := range strings.Fields(string(pids)) {
			var all, held int64
			text, _ := os.ReadFile("/proc/" + pid + "/statm")
			fmt.Sscan(string(text), &all, &held)
			bytes += held * int64(os.Getpagesize())
		}
	}
	return bytes
}
