/*
 * W1: hosts and `routers` routers in a line, 1 Gb/s and 10 us per link; 1,000 bytes of UDP every 16 us from end to end.
 * `chains` of them side by side. Frames carry two bytes of PPP header.
 */
#include "measure.h"

#include <ns3/point-to-point-module.h>

#include <memory>
#include <vector>

using namespace ns3;

namespace
{

const Time INTERVAL = MicroSeconds(16);
const uint16_t PORT = 9;
uint64_t g_delivered = 0;

void
Read(Ptr<Socket> socket)
{
    while (socket->Recv())
        g_delivered++;
}

void
SendAgain(Ptr<Socket> socket)
{
    socket->Send(Create<Packet>(1000));
    Simulator::Schedule(INTERVAL, &SendAgain, socket);
}

void
AddChain(uint32_t chain, uint32_t routers)
{
    NodeContainer nodes;
    nodes.Create(routers + 2);
    InternetStackHelper stack;
    Ipv4StaticRoutingHelper routing;
    stack.SetRoutingHelper(routing);
    stack.SetIpv6StackInstall(false);
    stack.Install(nodes);
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
    link.SetChannelAttribute("Delay", StringValue("10us"));
    link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("10000p"));
    link.DisableFlowControl();
    Ipv4Address last;
    for (uint32_t n = 0; n <= routers; n++)
    {
        NetDeviceContainer devices = link.Install(nodes.Get(n), nodes.Get(n + 1));
        Ipv4Address network((10u << 24) | (chain << 16) | (n << 8));
        Ipv4AddressHelper address(network, "255.255.255.0");
        Ipv4InterfaceContainer interfaces = address.Assign(devices);
        bench::WithoutQueueDiscs(devices);
        for (uint32_t end = 0; end < 2; end++)
            bench::CountHopsOf(devices.Get(end));
        last = interfaces.GetAddress(1);
        routing.GetStaticRouting(nodes.Get(n)->GetObject<Ipv4>())
            ->SetDefaultRoute(last, nodes.Get(n)->GetObject<Ipv4>()->GetInterfaceForDevice(devices.Get(0)));
    }
    Ptr<Socket> sink = Socket::CreateSocket(nodes.Get(routers + 1), UdpSocketFactory::GetTypeId());
    sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
    sink->SetRecvCallback(MakeCallback(&Read));
    Ptr<Socket> source = Socket::CreateSocket(nodes.Get(0), UdpSocketFactory::GetTypeId());
    source->Bind();
    source->Connect(InetSocketAddress(last, PORT));
    Simulator::Schedule(NanoSeconds(61 * chain), &SendAgain, source);
}

} // namespace

int
main(int argc, char** argv)
{
    const bench::Options options(argc, argv);
    const auto routers = static_cast<uint32_t>(options.Number("routers", 4));
    const auto chains = static_cast<uint32_t>(options.Number("chains", 1));
    const double seconds = options.Number("seconds", 600'000.0 / chains / (routers + 1) * 16e-6);
    for (uint32_t chain = 0; chain < chains; chain++)
        AddChain(chain, routers);
    bench::RunAndReport("udp-chain", seconds, "");
    return g_delivered > 0 ? 0 : 1;
}
