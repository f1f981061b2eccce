// A function in Go on AWS's own client; what it does is the event's to say.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type refused struct{ what string }

func (r refused) Error() string { return "refused: " + r.what }

var served int

func handle(ctx context.Context, event struct{ Do, Value string }) (any, error) {
	served++
	switch event.Do {
	case "context":
		about, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return map[string]any{
			"aws_request_id":       about.AwsRequestID,
			"invoked_function_arn": about.InvokedFunctionArn,
			"custom":               about.ClientContext.Custom,
			"function_name":        lambdacontext.FunctionName,
			"memory_limit_in_mb":   lambdacontext.MemoryLimitInMB,
			"trace":                os.Getenv("_X_AMZN_TRACE_ID") != "",
			"left":                 time.Until(deadline).Milliseconds(),
		}, nil
	case "log":
		log.Print(event.Value)
		fmt.Println(event.Value)
	case "error":
		return nil, errors.New(event.Value)
	case "own error":
		return nil, refused{event.Value}
	case "panic":
		panic(event.Value)
	case "exit":
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Hour)
	}
	return map[string]any{"value": event.Value, "served": served}, nil
}

func main() {
	lambda.StartWithOptions(handle, lambda.WithEnableSIGTERM(func() { fmt.Println("Go was told to end") }))
}
