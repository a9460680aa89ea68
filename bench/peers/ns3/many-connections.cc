/*
 * W4: server - router - 4 clients, 10 Gb/s and 1 ms; `connections` connections to one port, connection j from client
 * j mod 4 at j / C seconds. Each sends 100 bytes, is answered with 100 bytes, and sends again 100 ms after the answer.
 */
#include "measure.h"

#include <ns3/point-to-point-module.h>

#include <fstream>
#include <unistd.h>

using namespace ns3;

namespace
{

const uint32_t MESSAGE = 100;
const uint32_t CLIENTS = 4;
const uint16_t PORT = 80;
const Time PAUSE = MilliSeconds(100);
uint64_t g_answers = 0;

void
Ask(Ptr<Socket> socket)
{
    socket->Send(Create<Packet>(MESSAGE));
}

void
ReadAnswer(Ptr<Socket> socket)
{
    while (socket->Recv(MESSAGE, 0))
    {
        g_answers++;
        Simulator::Schedule(PAUSE, &Ask, socket);
    }
}

void
Answer(Ptr<Socket> socket)
{
    while (socket->Recv(MESSAGE, 0))
        socket->Send(Create<Packet>(MESSAGE));
}

void
Accepted(Ptr<Socket> socket, const Address&)
{
    socket->SetRecvCallback(MakeCallback(&Answer));
}

void
Connect(Ptr<Node> node, InetSocketAddress to)
{
    Ptr<Socket> socket = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
    socket->Bind();
    socket->SetRecvCallback(MakeCallback(&ReadAnswer));
    socket->SetConnectCallback(MakeCallback(&Ask), MakeNullCallback<void, Ptr<Socket>>());
    socket->Connect(to);
}

long
ResidentBytes()
{
    std::ifstream statm("/proc/self/statm");
    long total = 0, resident = 0;
    statm >> total >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

} // namespace

int
main(int argc, char** argv)
{
    const bench::Options options(argc, argv);
    const auto connections = static_cast<uint32_t>(options.Number("connections", 1000));
    Config::SetDefault("ns3::TcpL4Protocol::SocketType", StringValue("ns3::TcpLinuxReno"));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));

    NodeContainer ends, router;
    ends.Create(CLIENTS + 1);
    router.Create(1);
    InternetStackHelper stack;
    Ipv4StaticRoutingHelper routing;
    stack.SetRoutingHelper(routing);
    stack.SetIpv6StackInstall(false);
    stack.Install(ends);
    stack.Install(router);
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", StringValue("10Gbps"));
    link.SetChannelAttribute("Delay", StringValue("1ms"));
    link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("100000p"));
    link.DisableFlowControl();
    Ipv4Address server;
    for (uint32_t i = 0; i <= CLIENTS; i++)
    {
        NetDeviceContainer devices = link.Install(ends.Get(i), router.Get(0));
        Ipv4AddressHelper addresses(Ipv4Address(0x0a010000 | (i << 8)), "255.255.255.0");
        Ipv4InterfaceContainer interfaces = addresses.Assign(devices);
        bench::WithoutQueueDiscs(devices);
        bench::CountHopsOf(devices.Get(0));
        bench::CountHopsOf(devices.Get(1));
        routing.GetStaticRouting(ends.Get(i)->GetObject<Ipv4>())->SetDefaultRoute(interfaces.GetAddress(1), 1);
        server = interfaces.GetAddress(0);
    }
    const long before = ResidentBytes();
    Ptr<Socket> listener = Socket::CreateSocket(ends.Get(CLIENTS), TcpSocketFactory::GetTypeId());
    listener->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
    listener->Listen();
    listener->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(), MakeCallback(&Accepted));
    for (uint32_t j = 0; j < connections; j++)
        Simulator::Schedule(Seconds(double(j) / connections),
                            &Connect,
                            ends.Get(j % CLIENTS),
                            InetSocketAddress(server, PORT));
    Simulator::ScheduleDestroy([before, connections]() {
        std::fprintf(stderr, "%ld bytes per connection\n", (ResidentBytes() - before) / connections);
    });
    bench::RunAndReport("many-connections", 2.5, "");
    // Tear-down of so many connections takes longer than the run: leave without it.
    std::fflush(stdout);
    _exit(g_answers > 0 ? 0 : 1);
}
