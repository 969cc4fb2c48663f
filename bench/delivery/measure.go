package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	serverCore = "0"
	clientCore = "1"
	userHertz  = 100 // of /proc/PID/stat, fixed on Linux
)

// service is a server on loopback, pinned to its core.
type service struct {
	url string
	cmd *exec.Cmd
	// worker is the process whose CPU time counts.
	worker int
}

func (s *service) stop() {
	if s.cmd.ProcessState != nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	_ = s.cmd.Wait()                          // a signal is how it ends
}

func startVitrine(ctx context.Context, bin, data string) (*service, error) {
	cmd := exec.CommandContext(ctx, "taskset", "-c", serverCore, bin, "serve", "--data", data, "--listen", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	journal, err := os.CreateTemp(filepath.Dir(data), "log-*") // a log that nobody reads would block the server
	if err != nil {
		return nil, err
	}
	defer journal.Close()
	cmd.Stderr = journal
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start vitrine: %w", err)
	}
	found := make(chan string, 1)
	go func() {
		line := regexp.MustCompile(`listening on (http://[^\s"]+)`)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			if m := line.FindStringSubmatch(scan.Text()); m != nil && len(found) == 0 {
				found <- strings.TrimSuffix(m[1], "/")
			}
		}
	}()
	select {
	case url := <-found:
		return &service{url: url, cmd: cmd, worker: cmd.Process.Pid}, nil
	case <-time.After(2 * time.Minute):
		_ = cmd.Process.Kill() // nothing more to lose
		return nil, fmt.Errorf("vitrine did not say that it listens")
	}
}

const nginxConfig = `daemon off; worker_processes 1; pid %[1]s/nginx.pid; error_log %[1]s/nginx.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush off; keepalive_requests 100000000;
  open_file_cache max=100; default_type application/octet-stream;
  client_body_temp_path %[1]s/n1; proxy_temp_path %[1]s/n2; fastcgi_temp_path %[1]s/n3; uwsgi_temp_path %[1]s/n4; scgi_temp_path %[1]s/n5;
  server { listen 127.0.0.1:%[2]d; root %[3]s; }
}`

func startNginx(ctx context.Context, dir, static string) (*service, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	config := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(nginxConfig, dir, port, static)
	if os.Getuid() == 0 {
		text = "user root; " + text // the folder is ours alone
	}
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "taskset", "-c", serverCore, "nginx", "-p", dir, "-c", config)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start nginx: %w", err)
	}
	s := &service{url: fmt.Sprintf("http://127.0.0.1:%d", port), cmd: cmd}
	for range 100 {
		res, err := http.Get(s.url + "/preview.jpg")
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		res.Body.Close()
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", cmd.Process.Pid))
		if err != nil {
			return nil, err
		}
		s.worker, err = strconv.Atoi(strings.Fields(string(children))[0])
		return s, err
	}
	s.stop()
	return nil, fmt.Errorf("nginx did not answer")
}

// cpu is the time the server has spent on its core so far.
func (s *service) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.worker))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / userHertz, err
}

// contender is one way to deliver; paths are what its clients ask for in a round.
type contender struct {
	name   string
	server *service
	paths  func(round, rounds int) []string
}

// sample is one run of one contender.
type sample struct {
	rate float64 // requests a second
	cost float64 // CPU: µs a request, or seconds a gigabyte
	unit string
}

type costing func(cpu time.Duration, requests int, bytes float64) (float64, string)

func perRequest(cpu time.Duration, requests int, _ float64) (float64, string) {
	return float64(cpu.Microseconds()) / float64(requests), "µs of CPU a request"
}

func perGigabyte(cpu time.Duration, _ int, bytes float64) (float64, string) {
	return cpu.Seconds() / (bytes / 1e9), "s of CPU a GB"
}

// compare runs all contenders in turn, round by round, and prints each one's median and its median ratio to the first.
func (b bench) compare(ctx context.Context, all []contender, connections int, cost costing) error {
	samples := make([][]sample, len(all))
	for round := range b.rounds + 1 {
		for i, c := range all {
			got, err := b.drive(ctx, c, connections, round, cost)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if round > 0 { // round 0 warms up
				samples[i] = append(samples[i], got)
			}
		}
	}
	fmt.Println("| what | requests/s | ratio (range) | " + samples[0][0].unit + " | ratio (range) |")
	fmt.Println("|---|---|---|---|---|")
	for i, c := range all {
		rate := ratios(samples[i], samples[0], func(s sample) float64 { return s.rate })
		price := ratios(samples[i], samples[0], func(s sample) float64 { return s.cost })
		fmt.Printf("| %s | %.0f | %s | %.2f | %s |\n", c.name,
			median(samples[i], func(s sample) float64 { return s.rate }), rate,
			median(samples[i], func(s sample) float64 { return s.cost }), price)
	}
	return nil
}

func median(all []sample, of func(sample) float64) float64 {
	var values []float64
	for _, s := range all {
		values = append(values, of(s))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func ratios(all, yardstick []sample, of func(sample) float64) string {
	var values []float64
	for i := range all {
		values = append(values, of(all[i])/of(yardstick[i]))
	}
	slices.Sort(values)
	return fmt.Sprintf("%.2f (%.2f-%.2f)", values[len(values)/2], values[0], values[len(values)-1])
}

// script makes wrk ask for the paths of a file, one after the other: every contender pays the same for it.
const script = `
local paths, at = {}, 0
function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = wrk.format("GET", line) end
end
function request()
  at = at % #paths + 1
  return paths[at]
end
function done(summary)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d\n", summary.requests, summary.bytes, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout))
end
`

func (b bench) drive(ctx context.Context, c contender, connections, round int, cost costing) (sample, error) {
	paths := c.paths(round, b.rounds)
	list, lua := b.path("paths.txt"), b.path("paths.lua")
	if err := os.WriteFile(list, []byte(strings.Join(paths, "\n")+"\n"), 0o644); err != nil {
		return sample{}, err
	}
	if err := os.WriteFile(lua, []byte(script), 0o644); err != nil {
		return sample{}, err
	}
	before, err := c.server.cpu()
	if err != nil {
		return sample{}, err
	}
	wrk := exec.CommandContext(ctx, "taskset", "-c", clientCore, "wrk", "-t", "1", "-c", strconv.Itoa(connections),
		"-d", strconv.Itoa(int(b.span.Seconds()))+"s", "--timeout", "30s", "-s", lua, c.server.url, "--", list)
	out, err := wrk.CombinedOutput()
	if err != nil {
		return sample{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	after, err := c.server.cpu()
	if err != nil {
		return sample{}, err
	}
	var requests, micros, failed int
	var bytes float64
	_, said, _ := strings.Cut(string(out), "RESULT ")
	if _, err := fmt.Sscan(said, &requests, &bytes, &micros, &failed); err != nil {
		return sample{}, fmt.Errorf("wrk said: %s", out)
	}
	if failed > 0 {
		return sample{}, fmt.Errorf("%d of %d requests failed:\n%s", failed, requests, out)
	}
	if len(paths) > 1 && requests > len(paths) {
		return sample{}, fmt.Errorf("%d requests for %d links: some were asked twice", requests, len(paths))
	}
	price, unit := cost(after-before, requests, bytes)
	return sample{rate: float64(requests) / (float64(micros) / 1e6), cost: price, unit: unit}, nil
}
