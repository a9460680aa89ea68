/*
 * What all programs of this folder share: options given as name=value, CPU time of the run alone, packet-hops counted
 * where a device has sent a frame, and one line of JSON in the form of fivetuple's own benchmarks.
 */
#pragma once

#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/traffic-control-module.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <sys/resource.h>

namespace bench
{

class Options
{
  public:
    Options(int argc, char** argv)
    {
        for (int i = 1; i < argc; i++)
        {
            const std::string word(argv[i]);
            const auto at = word.find('=');
            if (at != std::string::npos)
                m_values[word.substr(0, at)] = word.substr(at + 1);
        }
    }

    double Number(const std::string& name, double otherwise) const
    {
        const auto found = m_values.find(name);
        return found == m_values.end() ? otherwise : std::atof(found->second.c_str());
    }

    std::string Text(const std::string& name, const std::string& otherwise) const
    {
        const auto found = m_values.find(name);
        return found == m_values.end() ? otherwise : found->second;
    }

  private:
    std::map<std::string, std::string> m_values;
};

inline uint64_t g_hops = 0;

inline void
CountHop(ns3::Ptr<const ns3::Packet>)
{
    g_hops++;
}

/** Counts every frame that the device has put on its link. */
inline void
CountHopsOf(ns3::Ptr<ns3::NetDevice> device)
{
    device->TraceConnectWithoutContext("PhyTxEnd", ns3::MakeCallback(&CountHop));
}

inline double
CpuSeconds()
{
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/** Runs the simulation and prints what it cost. `more` is appended to the JSON object, with a comma in front. */
inline void
RunAndReport(const std::string& workload, double seconds, const std::string& more)
{
    const double before = CpuSeconds();
    if (seconds > 0)
        ns3::Simulator::Stop(ns3::Seconds(seconds));
    ns3::Simulator::Run();
    const double cpu = CpuSeconds() - before;
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    std::printf("{\"peer\":\"ns-3\",\"workload\":\"%s\",\"cpuSeconds\":%.6f,\"packetHops\":%llu,"
                "\"events\":%llu,\"hopsPerSecond\":%.0f,\"eventsPerSecond\":%.0f,\"peakRssMib\":%ld%s}\n",
                workload.c_str(),
                cpu,
                static_cast<unsigned long long>(g_hops),
                static_cast<unsigned long long>(ns3::Simulator::GetEventCount()),
                g_hops / cpu,
                ns3::Simulator::GetEventCount() / cpu,
                usage.ru_maxrss / 1024,
                more.c_str());
}

/** The device's own queue is the only one; a device without flow control has got no queue disc in the first place. */
inline void
WithoutQueueDiscs(const ns3::NetDeviceContainer& devices)
{
    for (uint32_t i = 0; i < devices.GetN(); i++)
    {
        const auto layer = devices.Get(i)->GetNode()->GetObject<ns3::TrafficControlLayer>();
        if (layer && layer->GetRootQueueDiscOnDevice(devices.Get(i)))
            layer->DeleteRootQueueDiscOnDevice(devices.Get(i));
    }
}

} // namespace bench
