%% The work of the native rows done by processes of Erlang/OTP: `erlang ROW COUNT THREADS`. For each line of input one batch,
%% then a line with its nanoseconds and what it came to. What each row does is said in bench/native.cpp; here is the same in
%% Erlang's way.
-module(erlang_peer).
-export([main/0]).

main() ->
    [Row, Count] = [lists:flatten(Word) || Word <- init:get_plain_arguments()],
    Work = work(Row, list_to_integer(Count)),
    batches(Work),
    halt(0).

batches(Work) ->
    case io:get_line("") of
        eof -> ok;
        _ ->
            {Value, Result} = Work(),
            io:format("~w ~w~n", [Value, Result]),
            batches(Work)
    end.

%% A batch: what it came to and how long that took.
timed(Batch) ->
    Begin = erlang:monotonic_time(nanosecond),
    Result = Batch(),
    {erlang:monotonic_time(nanosecond) - Begin, Result}.

%% A batch that begins with a message to `First` and ends with one from it.
begun(First) ->
    fun() ->
        First ! {'begin', self()},
        receive {finished, Nanoseconds, Result} -> {Nanoseconds, Result} end
    end.

now_ns() -> erlang:monotonic_time(nanosecond).

finish(Main, Begin, Result) -> Main ! {finished, now_ns() - Begin, Result}.

work("native_pingpong", Count) -> begun(spawn(fun() -> ping_idle(spawn(fun pong/0), Count) end));
work("native_mailbox_8to1", Count) -> begun(spawn(fun() -> receiver_start(Count) end));
work("native_ring", Count) -> begun(make_ring(Count));
work("native_spawn", Count) -> begun(spawn(fun() -> parent_idle(Count) end));
work("native_skynet", Leaves) -> fun() -> skynet_batch(Leaves) end;
work("native_request", Count) -> begun(spawn(fun() -> asker_idle(spawn(fun server/0), Count) end));
work("native_idle_bytes", Count) -> fun() -> idle_bytes(Count) end.

%% ---- native_pingpong

pong() ->
    receive {From, N} -> From ! N + 1 end,
    pong().

ping_idle(Pong, Count) ->
    receive {'begin', Main} -> ok end,
    Begin = now_ns(),
    Pong ! {self(), 0},
    finish(Main, Begin, ping(Pong, Count, 0)),
    ping_idle(Pong, Count).

ping(Pong, Count, Sum) ->
    receive
        Count -> Sum + Count;
        N ->
            Pong ! {self(), N},
            ping(Pong, Count, Sum + N)
    end.

%% ---- native_mailbox_8to1

sender(Count) ->
    receive {go, Receiver} -> send_all(Receiver, 1, Count) end,
    sender(Count).

send_all(_, N, Count) when N > Count -> ok;
send_all(Receiver, N, Count) ->
    Receiver ! N,
    send_all(Receiver, N + 1, Count).

receiver_start(Count) ->
    receiver_idle([spawn(fun() -> sender(Count) end) || _ <- lists:seq(1, 8)], Count).

receiver_idle(Senders, Count) ->
    receive {'begin', Main} -> ok end,
    Begin = now_ns(),
    [Sender ! {go, self()} || Sender <- Senders],
    finish(Main, Begin, add_up(8 * Count, 0)),
    receiver_idle(Senders, Count).

add_up(0, Sum) -> Sum;
add_up(Left, Sum) -> receive N -> add_up(Left - 1, Sum + N) end.

%% ---- native_ring

make_ring(Count) ->
    First = spawn(fun() -> receive {next, Next} -> ring_first(Next, Count) end end),
    %% 503 in all: the last one's next is the first.
    Second = lists:foldl(fun(_, Next) -> spawn(fun() -> ring_node(Next, Count, First) end) end, First, lists:seq(2, 503)),
    First ! {next, Second},
    First.

ring_first(Next, Count) ->
    receive {'begin', Main} -> ok end,
    Begin = now_ns(),
    Next ! 1,
    finish(Main, Begin, ring_round(Next, Count)),
    ring_first(Next, Count).

%% Until the number is `Count`, here or at another, which tells.
ring_round(Next, Count) ->
    receive
        Count -> Count;
        {done, Hops} -> Hops;
        Hops ->
            Next ! Hops + 1,
            ring_round(Next, Count)
    end.

ring_node(Next, Count, First) ->
    receive
        Count -> First ! {done, Count};
        Hops -> Next ! Hops + 1
    end,
    ring_node(Next, Count, First).

%% ---- native_spawn

child() -> receive {From, N} -> From ! N end.

parent_idle(Count) ->
    receive {'begin', Main} -> ok end,
    Others = erlang:system_info(process_count),
    Begin = now_ns(),
    Sum = rounds(0, Count, 0),
    wait_until_gone(Others),
    finish(Main, Begin, Sum),
    parent_idle(Count).

rounds(Count, Count, Sum) -> Sum;
rounds(Born, Count, Sum) ->
    Until = min(Count, Born + 256),
    spawn_some(Born + 1, Until),
    rounds(Until, Count, add_up(Until - Born, Sum)).

spawn_some(N, Until) when N > Until -> ok;
spawn_some(N, Until) ->
    spawn(fun child/0) ! {self(), N},
    spawn_some(N + 1, Until).

wait_until_gone(Others) ->
    case erlang:system_info(process_count) of
        Others -> ok;
        _ -> erlang:yield(), wait_until_gone(Others)
    end.

%% ---- native_skynet

skynet_batch(Leaves) ->
    Others = erlang:system_info(process_count),
    Self = self(),
    Outcome = timed(fun() ->
        spawn(fun() -> tree_node(Self, 0, Leaves) end),
        receive Sum -> Sum end
    end),
    wait_until_gone(Others),
    Outcome.

tree_node(Above, First, 1) -> Above ! First;
tree_node(Above, First, Leaves) ->
    Part = Leaves div 10,
    Self = self(),
    spawn_parts(Self, First, Part, 10),
    Above ! add_up(10, 0).

spawn_parts(_, _, _, 0) -> ok;
spawn_parts(Self, First, Part, Left) ->
    spawn(fun() -> tree_node(Self, First, Part) end),
    spawn_parts(Self, First + Part, Part, Left - 1).

%% ---- native_request: as gen_server:call does it, a monitor, a reference and a timeout

server() ->
    receive {request, From, Reference, N} -> From ! {Reference, N + 1} end,
    server().

asker_idle(Server, Count) ->
    receive {'begin', Main} -> ok end,
    Begin = now_ns(),
    finish(Main, Begin, ask_all(Server, 0, Count, 0)),
    asker_idle(Server, Count).

ask_all(_, Count, Count, Sum) -> Sum;
ask_all(Server, N, Count, Sum) ->
    Next = ask(Server, N),
    ask_all(Server, Next, Count, Sum + Next).

ask(Server, N) ->
    Reference = erlang:monitor(process, Server),
    Server ! {request, self(), Reference, N},
    receive
        {Reference, Answer} ->
            erlang:demonitor(Reference, [flush]),
            Answer;
        {'DOWN', Reference, _, _, Reason} -> exit(Reason)
    after 5000 -> exit(timeout)
    end.

%% ---- native_idle_bytes

idle_bytes(Count) ->
    Before = resident_bytes(),
    Idlers = [spawn(fun pong/0) || _ <- lists:seq(1, Count)],
    Each = (resident_bytes() - Before) / Count,
    Alive = length([ok || Idler <- Idlers, replies(Idler)]),
    {Each, Alive}.

replies(Idler) ->
    Idler ! {self(), 1},
    receive 2 -> true after 5000 -> false end.

resident_bytes() ->
    {ok, Text} = file:read_file("/proc/self/statm"),
    [_, Pages | _] = binary:split(Text, <<" ">>, [global]),
    binary_to_integer(Pages) * 4096.
