/*
 * W2: `flows` flows, sender - L - R - receiver, every end with an access link of its own. Slow: access 1 Gb/s and 1 ms,
 * bottleneck 100 Mb/s, 10 ms, 100 packets; fast=1: ten times the rates and the queue. Byte counting as Linux has it
 * (TcpLinuxReno), SACK, timestamps, MSS 1448, initial window 10, delayed ACKs, buffers of 4 MiB.
 */
#include "measure.h"

#include <ns3/point-to-point-module.h>

#include <vector>

using namespace ns3;

namespace
{

const uint32_t WRITE_SIZE = 1448;
const uint16_t PORT = 5001;
uint64_t g_bytes = 0;

void
Read(Ptr<Socket> socket)
{
    while (Ptr<Packet> packet = socket->Recv())
        g_bytes += packet->GetSize();
}

void
Accepted(Ptr<Socket> socket, const Address&)
{
    socket->SetRecvCallback(MakeCallback(&Read));
}

void
Write(Ptr<Socket> socket, uint32_t)
{
    while (socket->GetTxAvailable() >= WRITE_SIZE && socket->Send(Create<Packet>(WRITE_SIZE)) > 0)
    {
    }
}

void
Connected(Ptr<Socket> socket)
{
    socket->SetSendCallback(MakeCallback(&Write));
    Write(socket, 0);
}

void
Connect(Ptr<Socket> socket, InetSocketAddress to)
{
    socket->Bind();
    socket->SetConnectCallback(MakeCallback(&Connected), MakeNullCallback<void, Ptr<Socket>>());
    socket->Connect(to);
}

Ptr<Ipv4StaticRouting>
RoutesOf(Ptr<Node> node)
{
    return Ipv4StaticRoutingHelper().GetStaticRouting(node->GetObject<Ipv4>());
}

struct Dumbbell
{
    PointToPointHelper access;
    Ipv4AddressHelper addresses;

    /** Joins an end to its router. @returns the address of the end, and by `gateway` that of the router */
    Ipv4Address Join(Ptr<Node> end, Ptr<Node> router, Ipv4Address network)
    {
        NetDeviceContainer devices = access.Install(end, router);
        addresses.SetBase(network, "255.255.255.0");
        Ipv4InterfaceContainer interfaces = addresses.Assign(devices);
        bench::WithoutQueueDiscs(devices);
        bench::CountHopsOf(devices.Get(0));
        bench::CountHopsOf(devices.Get(1));
        RoutesOf(end)->SetDefaultRoute(interfaces.GetAddress(1), 1);
        return interfaces.GetAddress(0);
    }
};

} // namespace

int
main(int argc, char** argv)
{
    const bench::Options options(argc, argv);
    const bool fast = options.Number("fast", 0) != 0;
    const auto flows = static_cast<uint32_t>(options.Number("flows", 1));
    const double seconds = options.Number("seconds", fast ? 2 : 10);
    Config::SetDefault("ns3::TcpL4Protocol::SocketType", StringValue("ns3::TcpLinuxReno"));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(4 << 20));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(4 << 20));

    NodeContainer senders, receivers, routers;
    senders.Create(flows);
    receivers.Create(flows);
    routers.Create(2);
    InternetStackHelper stack;
    Ipv4StaticRoutingHelper routing;
    stack.SetRoutingHelper(routing);
    stack.SetIpv6StackInstall(false);
    for (const auto& nodes : {senders, receivers, routers})
        stack.Install(nodes);

    Dumbbell dumbbell;
    dumbbell.access.SetDeviceAttribute("DataRate", StringValue(fast ? "10Gbps" : "1Gbps"));
    dumbbell.access.SetChannelAttribute("Delay", StringValue("1ms"));
    dumbbell.access.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("10000p"));
    dumbbell.access.DisableFlowControl();
    PointToPointHelper bottleneck;
    bottleneck.SetDeviceAttribute("DataRate", StringValue(fast ? "1Gbps" : "100Mbps"));
    bottleneck.SetChannelAttribute("Delay", StringValue("10ms"));
    bottleneck.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue(fast ? "1000p" : "100p"));
    bottleneck.DisableFlowControl();

    NetDeviceContainer middle = bottleneck.Install(routers);
    dumbbell.addresses.SetBase("10.3.0.0", "255.255.255.0");
    Ipv4InterfaceContainer middles = dumbbell.addresses.Assign(middle);
    bench::WithoutQueueDiscs(middle);
    bench::CountHopsOf(middle.Get(0));
    bench::CountHopsOf(middle.Get(1));
    RoutesOf(routers.Get(0))->AddNetworkRouteTo("10.2.0.0", "255.255.0.0", middles.GetAddress(1), 1);
    RoutesOf(routers.Get(1))->AddNetworkRouteTo("10.1.0.0", "255.255.0.0", middles.GetAddress(0), 1);

    for (uint32_t i = 0; i < flows; i++)
    {
        dumbbell.Join(senders.Get(i), routers.Get(0), Ipv4Address(0x0a010000 | (i << 8)));
        const Ipv4Address to = dumbbell.Join(receivers.Get(i), routers.Get(1), Ipv4Address(0x0a020000 | (i << 8)));
        Ptr<Socket> sink = Socket::CreateSocket(receivers.Get(i), TcpSocketFactory::GetTypeId());
        sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
        sink->Listen();
        sink->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(), MakeCallback(&Accepted));
        Ptr<Socket> source = Socket::CreateSocket(senders.Get(i), TcpSocketFactory::GetTypeId());
        Simulator::Schedule(MilliSeconds(10 * i), &Connect, source, InetSocketAddress(to, PORT));
    }
    const std::string name = fast ? "tcp-fast" : "tcp-slow";
    bench::RunAndReport(name, seconds, "");
    return g_bytes > 0 ? 0 : 1;
}
