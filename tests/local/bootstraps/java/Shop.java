package shop;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** A function in Java; what it does is the event's to say. */
public class Shop implements RequestHandler<Map<String, Object>, Object> {
  private int served;

  public static class OutOfStock extends RuntimeException {
    OutOfStock(String message) {
      super(message);
    }
  }

  public static class Order {
    private String item;
    private int pieces;

    public String getItem() {
      return item;
    }

    public void setItem(String item) {
      this.item = item;
    }

    public int getPieces() {
      return pieces;
    }

    public void setPieces(int pieces) {
      this.pieces = pieces;
    }
  }

  public static class Broken {
    public Broken() {
      throw new IllegalStateException("no settings");
    }

    public String handle(String event) {
      return event;
    }
  }

  public static class Stream implements RequestStreamHandler {
    @Override
    public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
      out.write("{\"raw\": ".getBytes());
      in.transferTo(out);
      out.write('}');
    }
  }

  public Order more(Order order) {
    order.setPieces(order.getPieces() + 1);
    return order;
  }

  @Override
  public Object handleRequest(Map<String, Object> event, Context context) {
    served++;
    String value = (String) event.get("value");
    Map<String, Object> answer = new LinkedHashMap<>();
    switch ((String) event.getOrDefault("do", "")) {
      case "context":
        answer.put("aws_request_id", context.getAwsRequestId());
        answer.put("function_name", context.getFunctionName());
        answer.put("function_version", context.getFunctionVersion());
        answer.put("invoked_function_arn", context.getInvokedFunctionArn());
        answer.put("memory_limit_in_mb", context.getMemoryLimitInMB());
        answer.put("log_group_name", context.getLogGroupName());
        answer.put("custom", context.getClientContext().getCustom());
        answer.put("left", context.getRemainingTimeInMillis());
        return answer;
      case "machine":
        answer.put("heap_mb", Runtime.getRuntime().maxMemory() >> 20);
        answer.put("mine", System.getProperty("mine"));
        answer.put("environment", System.getenv(value));
        return answer;
      case "print":
        System.out.println(value + " printed");
        context.getLogger().log(value + " logged\nover two lines\n");
        break;
      case "fail":
        throw new OutOfStock(value);
      case "exit":
        System.exit(3);
        break;
      case "recurse":
        return handleRequest(event, context);
      default:
    }
    answer.put("value", value);
    answer.put("served", served);
    return answer;
  }
}
