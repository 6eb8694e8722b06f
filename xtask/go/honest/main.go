// Honest load on a gRPC server, by grpc-go: small messages on many streams, calls that are
// cancelled, short calls. One connection; any error of a call ends the program with code 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

const (
	streams   = 200
	message   = 64
	download  = 2000
	cancelled = 100_000
	short     = 10_000
	patience  = 20 * time.Millisecond
)

func main() {
	target := flag.String("target", "", "the server's address")
	load := flag.String("load", "", "small, cancelled or short")
	seconds := flag.Int("seconds", 30, "how long small messages are streamed")
	flag.Parse()
	connection, err := grpc.NewClient(*target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	client := testpb.NewTestServiceClient(connection)
	switch *load {
	case "small":
		small(client, time.Duration(*seconds)*time.Second)
	case "cancelled":
		cancel(client)
	case "short":
		calls(client, 10*time.Second)
	default:
		log.Fatalf("no load %q", *load)
	}
}

func small(client testpb.TestServiceClient, span time.Duration) {
	end := time.Now().Add(span)
	var up, down atomic.Int64
	run(streams, func(stream int) {
		for time.Now().Before(end) {
			if stream%2 == 0 {
				receive(client, &down)
			} else {
				send(client, end, &up)
			}
		}
	})
	fmt.Printf("small: %d messages down, %d up in %s\n", down.Load(), up.Load(), span)
}

func receive(client testpb.TestServiceClient, count *atomic.Int64) {
	request := &testpb.StreamingOutputCallRequest{}
	for range download {
		request.ResponseParameters = append(request.ResponseParameters, &testpb.ResponseParameters{Size: message})
	}
	responses, err := client.StreamingOutputCall(context.Background(), request)
	check(err)
	for {
		response, err := responses.Recv()
		if err == io.EOF {
			return
		}
		check(err)
		if len(response.Payload.Body) != message {
			log.Fatalf("a message of %d bytes", len(response.Payload.Body))
		}
		count.Add(1)
	}
}

func send(client testpb.TestServiceClient, end time.Time, count *atomic.Int64) {
	requests, err := client.StreamingInputCall(context.Background())
	check(err)
	request := &testpb.StreamingInputCallRequest{Payload: &testpb.Payload{Body: make([]byte, message)}}
	sent := 0
	for time.Now().Before(end) {
		check(requests.Send(request))
		sent++
	}
	answer, err := requests.CloseAndRecv()
	check(err)
	if int(answer.AggregatedPayloadSize) != sent*message {
		log.Fatalf("%d bytes arrived of %d messages", answer.AggregatedPayloadSize, sent)
	}
	count.Add(int64(sent))
}

// One half is cancelled once the first response is there, the others when none came in time, each
// worker the one and the other in turn: who gives up one call after the other of a server that has
// answered none is no honest client.
func cancel(client testpb.TestServiceClient) {
	const workers = 500
	run(workers, func(worker int) {
		for call := range cancelled / workers {
			one(client, (worker+call)%2 == 0)
		}
	})
	fmt.Printf("cancelled: %d calls\n", cancelled)
}

func one(client testpb.TestServiceClient, answered bool) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	stream, err := client.FullDuplexCall(ctx)
	check(err)
	if answered {
		check(stream.Send(&testpb.StreamingOutputCallRequest{
			ResponseParameters: []*testpb.ResponseParameters{{Size: 1}},
		}))
		_, err = stream.Recv()
		check(err)
		return
	}
	timer := time.AfterFunc(patience, stop)
	defer timer.Stop()
	if _, err = stream.Recv(); status.Code(err) != codes.Canceled {
		log.Fatalf("nothing was asked for: %v", err)
	}
}

func calls(client testpb.TestServiceClient, span time.Duration) {
	begin := time.Now()
	var group sync.WaitGroup
	room := make(chan struct{}, 1000)
	made := 0
	for time.Since(begin) < span {
		// a machine that cannot keep up makes them at its own pace
		for due := int(time.Since(begin).Seconds() * short); made < due; made++ {
			room <- struct{}{}
			group.Add(1)
			go func() {
				defer group.Done()
				_, err := client.EmptyCall(context.Background(), &testpb.Empty{})
				check(err)
				<-room
			}()
		}
		time.Sleep(time.Millisecond)
	}
	group.Wait()
	fmt.Printf("short: %d calls in %s\n", made, span)
}

func run(workers int, work func(int)) {
	var group sync.WaitGroup
	for worker := range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			work(worker)
		}()
	}
	group.Wait()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
